// Look-up, log-on, WebSocket; and again from the start whenever the connection is lost (clients never resume).

import { Rose } from "./rose.js";

const CLIENT_APP_ID = 15;
const QUICK_TRIES = 10;
const REASONS = { 101: "wrong", 107: "notAllowed", 110: "notAllowed", 112: "notAllowed", 129: "notAllowed", 131: "wait" };

export class LogOnError extends Error {
  constructor(reason, text) {
    super(text ?? reason);
    this.reason = reason;
  }
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export class Session extends EventTarget {
  #user;
  #company;
  #authorization; // In memory only, to log on again after a loss.
  #over = false;
  rose = null;
  ownContact = null;
  origin = "";
  since = null;
  losses = [];

  // By a password, or by a token the server has given out before.
  constructor(user, password, token = "") {
    super();
    const at = user.indexOf("@");
    this.#user = at < 0 ? user : user.slice(0, at);
    this.#company = at < 0 ? user : user.slice(at + 1);
    this.#authorization = token ? `JWT ${token}` : `Basic ${base64(`${this.#user}:${password}`)}`;
  }

  get account() {
    return `${this.#user}@${this.#company}`.toLowerCase();
  }

  get company() {
    return this.#company;
  }

  get connected() {
    return this.rose !== null;
  }

  async open() {
    this.origin = await this.#lookUp();
    const { ownContact, sessionid } = await this.#createSession();
    this.ownContact = ownContact;
    await this.#connect(sessionid);
  }

  async #lookUp() {
    const found = await this.#fetch(`/controller/client/ucws?ucsid=${encodeURIComponent(this.#company)}`, { signal: AbortSignal.timeout(10_000) });
    if (found.status !== 200) throw new LogOnError("unknown");
    return (await found.json()).redirect;
  }

  async #createSession() {
    const answer = await this.#fetch(`${this.origin}/ws/client/createsession?clientappid=${CLIENT_APP_ID}`, {
      method: "POST",
      signal: AbortSignal.timeout(30_000),
      headers: {
        Authorization: this.#authorization,
        "Content-Type": "application/json",
        "X-UCSID": this.#company,
        "X-no401": "1",
      },
      body: JSON.stringify({ negotiate: { iClientProtocolVersion: 70, optionalParams: { ClientDeviceName: "Web", ProvideAVLine: 1 } } }),
    });
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return body;
    const { iErrorDetail, u8sErrorString } = body.error ?? {};
    const reason = answer.status === 502 ? "notConnected" : answer.status === 503 ? "wait" : REASONS[iErrorDetail] ?? "failed";
    throw new LogOnError(reason, u8sErrorString ?? `HTTP ${answer.status}`);
  }

  async #fetch(address, options) {
    try {
      return await fetch(address, { credentials: "omit", ...options });
    } catch {
      throw new LogOnError("noNetwork");
    }
  }

  #connect(sessionId) {
    const address = `${this.origin.replace(/^http/, "ws")}/ws/client/websocket/?x-ucsessionid=${encodeURIComponent(sessionId)}`;
    const rose = new Rose(address);
    return new Promise((resolve, reject) => {
      let opened = false;
      rose.addEventListener("open", () => {
        opened = true;
        this.rose = rose;
        this.since = Date.now();
        this.dispatchEvent(new Event("up"));
        resolve();
      });
      rose.addEventListener("close", (close) => {
        this.rose = null;
        if (!opened) reject(new LogOnError("failed", `WebSocket ${close.code}`));
        else if (!this.#over) this.#lost(close);
      });
    });
  }

  async #lost(close) {
    this.losses.push(close.code);
    this.dispatchEvent(Object.assign(new Event("down"), { code: close.code, reason: close.reason }));
    for (let tries = 1; !this.#over; tries += 1) {
      await wait(tries <= QUICK_TRIES ? 1000 : 5000);
      this.dispatchEvent(Object.assign(new Event("trying"), { tries }));
      try {
        await this.open();
        return;
      } catch (error) {
        if (error.reason === "wrong" || error.reason === "notAllowed") {
          this.dispatchEvent(Object.assign(new Event("refused"), { why: error.reason }));
          return;
        }
      }
    }
  }

  close() {
    this.#over = true;
    this.#authorization = "";
    this.rose?.event("asnLogoff", {}, 1001);
    this.rose?.close();
  }
}
