// The STUN/TURN servers the company's server lends this client: asked for at log-on, again before they expire, replaced when it says so.

const LATEST = 3_600_000;
const AFTER_FAILURE = 60_000;

const entry = ({ listURIs, u8sUsername, u8sPassword }) =>
  u8sUsername ? { urls: listURIs, username: u8sUsername, credential: u8sPassword } : { urls: listURIs };

export class IceServers extends EventTarget {
  #rose = null;
  #timer = 0;
  list = [];

  async follow(rose) {
    this.#rose = rose;
    rose.addEventListener("asnSTUNandTURNConfigChanged", ({ argument }) => this.#take(argument));
    rose.addEventListener("close", () => clearTimeout(this.#timer));
    await this.#ask();
  }

  async #ask() {
    this.#askIn(AFTER_FAILURE);
    this.#take(await this.#rose.call("asnGetSTUNandTURN", {}, 1557));
  }

  #take({ listConfigSTUNandTURN: told = [] }) {
    this.list = told.map(entry);
    // iTTL counts from when they were issued, and the server renews them at half of it: a quarter later there is a quarter left.
    const life = Math.min(...told.map(({ iTTL }) => (iTTL > 0 ? iTTL * 1000 : LATEST)), 4 * LATEST);
    this.#askIn(life / 4);
    this.dispatchEvent(new Event("changed"));
  }

  #askIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask().catch(() => {}), milliseconds);
  }
}
