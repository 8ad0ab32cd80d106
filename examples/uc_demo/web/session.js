// Look-up, log-on, WebSocket; and again from the start whenever the connection is lost (clients never resume).

import { Rose } from "./rose.js";

const CLIENT_APP_ID = 15;
const QUICK_TRIES = 10;

export class LogOnError extends Error {
  constructor(reason, text) {
    super(text ?? reason);
    this.reason = reason;
  }
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Session extends EventTarget {
  #user;
  #company;
  #password;
  #over = false;
  rose = null;
  ownContact = null;
  origin = "";
  since = null;

  constructor(user, password) {
    super();
    const at = user.indexOf("@");
    this.#user = at < 0 ? user : user.slice(0, at);
    this.#company = at < 0 ? user : user.slice(at + 1);
    this.#password = password;
  }

  get company() {
    return this.#company;
  }

  get connected() {
    return this.rose !== null;
  }

  async open() {
    const found = await fetch(`/controller/client/ucws?ucsid=${encodeURIComponent(this.#company)}`, { signal: AbortSignal.timeout(10_000) });
    if (found.status !== 200) throw new LogOnError("unknown");
    this.origin = (await found.json()).redirect;
    const answer = await fetch(`${this.origin}/ws/client/createsession?clientappid=${CLIENT_APP_ID}`, {
      method: "POST",
      signal: AbortSignal.timeout(30_000),
      headers: {
        Authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${this.#user}:${this.#password}`)))}`,
        "Content-Type": "application/json",
        "X-UCSID": this.#company,
        "X-no401": "1",
      },
      body: JSON.stringify({ negotiate: { iClientProtocolVersion: 70, optionalParams: { ClientDeviceName: "Web", ProvideAVLine: 1 } } }),
    });
    if (answer.status === 502) throw new LogOnError("notConnected");
    const body = await answer.json();
    if (!answer.ok) {
      const detail = body.error?.iErrorDetail;
      throw new LogOnError(detail === 101 ? "wrong" : detail === 131 ? "wait" : "failed", body.error?.u8sErrorString);
    }
    this.ownContact = body.ownContact;
    await this.#connect(body.sessionid);
  }

  #connect(sessionId) {
    const address = `${this.origin.replace(/^http/, "ws")}/ws/client/websocket/?x-ucsessionid=${sessionId}`;
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
    this.dispatchEvent(Object.assign(new Event("down"), { code: close.code, reason: close.reason }));
    for (let tries = 1; !this.#over; tries += 1) {
      await wait(tries <= QUICK_TRIES ? 1000 : 5000);
      try {
        await this.open();
        return;
      } catch (error) {
        if (error.reason === "wrong") {
          this.dispatchEvent(new Event("refused"));
          return;
        }
      }
    }
  }

  close() {
    this.#over = true;
    this.rose?.event("asnLogoff", {}, 1001);
    this.rose?.close();
  }
}
