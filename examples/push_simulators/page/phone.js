// What a phone shows of the pushes it gets: a call that rings, calls that were missed, messages. One tap opens the application.
import { ringing, missed, note } from "./phone-cards.js";
import { contentOf } from "./rows.js";

const MOST_CARDS = 6;
const MOST_HANDLED = 300;
const RINGS_FOR = 30_000;
const HERE = ["localhost", "127.0.0.1", "[::1]"];
const HANDLED = "handled pushes";

const screen = document.getElementById("screen");
const say = (id, text) => { document.getElementById(id).textContent = text; };
const headerOf = (push, wanted) => push.headers.find(([name]) => name === wanted)?.[1];
const stored = (name, usual) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? usual;
  } catch {
    return usual;
  }
};

export class Phone {
  #wake;
  #usual = null;
  // By id; two pushes about one call have a collapse key in common.
  #cards = new Map();
  #handled = new Set(stored(HANDLED, []));

  // `wake` is told the number of a push whose device is to be woken.
  constructor(wake) {
    this.#wake = wake;
    this.#introduce();
    setInterval(() => this.#tick(), 500);
    this.#paint();
  }

  // The application that is opened, where a device has not told its own.
  set app(url) {
    this.#usual = url;
    this.#paint();
  }

  // A push has been handed over to its device, or its row was told again.
  take(push) {
    const { kind, id = push.id, ...content } = contentOf(push);
    if (!/^2/.test(push.done) || this.#cards.has(id) || this.#handled.has(id)) return;
    const collapse = headerOf(push, "apns-collapse-id") ?? id;
    if (kind === "avdropcall") return this.#over(collapse);
    if (kind === "check") return;
    const expires = Number(headerOf(push, "apns-expiration")) * 1000 || push.at * 1000 + RINGS_FOR;
    const card = { id, kind, collapse, expires, push, content, title: content.aps?.alert?.title, isOver: false };
    if (kind !== "avnewcall") this.#replace(card);
    this.#cards.set(id, card);
    if (this.#rings(card)) say("alarm", "Incoming call");
    for (const [old] of [...this.#cards].slice(0, -MOST_CARDS)) this.#cards.delete(old);
    this.#paint();
  }

  // Its device was woken, here or on another page.
  woken(id) {
    this.#handle(id);
  }

  #rings = (card) => card.kind === "avnewcall" && !card.isOver && card.expires > Date.now();

  #over(collapse) {
    for (const card of this.#cards.values()) {
      if (card.kind === "avnewcall" && card.collapse === collapse) card.isOver = true;
    }
    this.#paint();
  }

  // A newer message of a conversation takes the place of the one before, as on a phone.
  #replace(card) {
    for (const [id, other] of this.#cards) {
      if (other.collapse === card.collapse && other.push.token === card.push.token) this.#cards.delete(id);
    }
  }

  #handle(id) {
    this.#handled.add(id);
    localStorage.setItem(HANDLED, JSON.stringify([...this.#handled].slice(-MOST_HANDLED)));
    this.#cards.delete(id);
    this.#paint();
  }

  // A client that opens this page tells which tokens are its phone's, and where it is itself.
  #introduce() {
    const told = new URLSearchParams(location.hash.slice(1));
    if (!told.has("tokens")) return;
    history.replaceState(null, "", location.pathname);
    const app = URL.canParse(told.get("app")) ? new URL(told.get("app")) : null;
    if (!app || !HERE.includes(app.hostname) || !/^https?:$/.test(app.protocol)) return;
    const owner = { app: app.href, account: told.get("account") ?? "" };
    for (const token of told.get("tokens").split(",")) localStorage.setItem(`device ${token}`, JSON.stringify(owner));
  }

  // What opens the application with a push: behind the # it stays in the browser.
  linkOf(push) {
    const { app } = this.#ownerOf(push);
    const { kind = "", id = push.id, data = "" } = contentOf(push);
    return app ? `${app}#${new URLSearchParams({ push: id, kind, data })}` : null;
  }

  #ownerOf = (push) => stored(`device ${push.token}`, { app: this.#usual, account: "" });

  #tick() {
    say("clock", new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    say("date", new Date().toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" }));
    const due = [...this.#cards.values()].filter((card) => card.kind === "avnewcall" && !card.isOver && !this.#rings(card));
    for (const card of due) card.isOver = true;
    if (due.length) this.#paint();
  }

  #paint() {
    const act = (card) => ({
      href: this.linkOf(card.push),
      account: this.#ownerOf(card.push).account,
      open: () => {
        this.#wake(card.push.number);
        this.#handle(card.id);
      },
      dismiss: () => this.#handle(card.id),
    });
    const cards = [...this.#cards.values()].reverse();
    const calls = cards.filter(this.#rings);
    const made = [
      ...calls.map((card) => ringing(card, act(card))),
      ...cards.filter((card) => !this.#rings(card)).map((card) => (card.kind === "avnewcall" ? missed : note)(card, act(card))),
    ];
    this.#exchange(made);
    screen.classList.toggle("lit", made.length > 0);
    document.getElementById("asleep").hidden = made.length > 0;
    document.title = calls.length ? "Incoming call · Push simulators" : "Push simulators";
    if (!calls.length) say("alarm", "");
  }

  // What is shown already stays, and the focus with it.
  #exchange(made) {
    const list = document.getElementById("cards");
    const before = new Map([...list.children].map((card) => [card.dataset.mark, card]));
    list.replaceChildren(...made.map((card) => before.get(card.dataset.mark) ?? card));
  }
}
