// This browser as the phone of its user: registers for pushes, and keeps what it needs when one wakes it.

const CHANNEL = "demo.phone";
const EVERYTHING = 255;
const AES_128 = 1;
const LOG_ON = 1;
const DAY = 86_400;
// Of the keys: one push may be under way that was sealed with the key before.
const KEPT = 2;
const PREFIX = "push ";

const digits = (octets) => [...crypto.getRandomValues(new Uint8Array(octets))].map((octet) => octet.toString(16).padStart(2, "0")).join("");
const newPhone = () => ({ device: digits(16), token: digits(32), callToken: digits(32), keys: [], logOn: "", wanted: true });

// Two people may use one browser, each in a window of their own: each has a phone.
export function phoneOf(account) {
  try {
    return { ...newPhone(), ...JSON.parse(localStorage.getItem(PREFIX + account)) };
  } catch {
    return newPhone();
  }
}

export const accounts = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));

export class Push extends EventTarget {
  #account = "";
  #rose = null;
  #phone = newPhone();
  // "on", "off", or why there are none.
  state = "off";
  #page = "";

  get wanted() {
    return this.#phone.wanted;
  }

  // Where this phone is shown, empty without one.
  get page() {
    if (!this.#page || this.state !== "on") return "";
    const { token, callToken } = this.#phone;
    const told = new URLSearchParams({ app: location.origin + location.pathname, account: this.#account, tokens: `${token},${callToken}` });
    return `${this.#page}#${told}`;
  }

  async follow(rose, account) {
    this.#rose = rose;
    this.#account = account;
    this.#phone = phoneOf(account);
    // A push that finds this window open: what it is about has come over the session already.
    rose.serve("mobilityPushArrived", () => ({}));
    if (this.wanted) await this.#register();
  }

  async want(wanted) {
    this.#phone.wanted = wanted;
    if (wanted) await this.#register();
    else await this.forget();
  }

  // Logged out, or switched off: nothing of it stays here or at the server, but the choice.
  async forget() {
    const { device, wanted } = this.#phone;
    this.#become("off");
    this.#phone = { ...newPhone(), wanted };
    localStorage.setItem(PREFIX + this.#account, JSON.stringify({ wanted }));
    this.#present([]);
    await this.#tell({ iRegisterType: 0, u8sDeviceID: device, u8sPushID: "", u8sPushChannelID: "" }).catch(() => {});
  }

  async #register() {
    const { device, token, callToken } = this.#phone;
    const argument = {
      iRegisterType: EVERYTHING, u8sDeviceID: device, u8sPushID: token, u8sPushChannelID: CHANNEL,
      u8sPushIDVoIP: callToken, u8sPushChannelIDVoIP: CHANNEL,
      // Without a secure context nobody here could open what is sealed.
      iEncryption: crypto.subtle ? AES_128 : 0,
    };
    try {
      const { key, u8sPhonePage } = await this.#tell(argument);
      const { sToken } = await this.#rose.call("asnGetUserTokenV2", { iType: LOG_ON, iTTL: DAY, lstServiceType: [] }, 1007);
      this.#page = u8sPhonePage ?? "";
      this.#phone.logOn = sToken;
      if (key) this.#phone.keys = [key, ...this.#phone.keys].slice(0, KEPT);
      localStorage.setItem(PREFIX + this.#account, JSON.stringify(this.#phone));
      this.#become("on");
      this.#present([token, callToken]);
    } catch (error) {
      this.#become(error.message);
    }
  }

  // For whoever follows how a call came through.
  answered(push) {
    this.#rose.call("mobilityPushAnswered", { id: push }).catch(() => {});
  }

  // While this window is open, the gateway need not ask the phone's provider.
  #present(tokens) {
    this.#rose.call("mobilityPushPresent", { tokens: tokens.map((token) => ({ channel: CHANNEL, token })) }).catch(() => {});
  }

  #tell(argument) {
    return this.#rose.call("asnAppsRegisterPush", argument);
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("changed"));
  }
}
