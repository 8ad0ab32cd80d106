// The panel that shows how this client reaches its company, and how well.

import { t } from "./i18n.js";
import { $, element, lasted } from "./view.js";

const EVERY = 2000;
const PROBE_EVERY = 5;

export class Health {
  #session;
  #call;
  #ticks = 0;
  #ice = null;

  constructor(session, call) {
    this.#session = session;
    this.#call = call;
    setInterval(() => this.#tick(), EVERY);
  }

  async show() {
    this.#ticks = 0;
    await this.#tick();
  }

  async #tick() {
    const session = this.#session();
    if ($("panel").hidden || !session) return;
    if (session.connected && this.#ticks++ % PROBE_EVERY === 0) {
      // A cheap call that travels all the way to the company's server and back.
      this.#ice = await session.rose.call("asnAVGetIceServers", {}, 1558).catch(() => null);
    }
    const call = this.#call();
    const media = call ? await call.stats() : null;
    const urls = (this.#ice?.iceServers ?? []).flatMap((server) => server.urls);
    const rows = [
      ["hCompany", session.company],
      ["hWay", session.origin],
      ["hSocket", session.connected ? t("connected") : t("lost")],
      ["hSession", session.connected ? t("since", { time: lasted(Date.now() - session.since) }) : "–"],
      ["hRound", session.rose?.roundTrip != null ? `${session.rose.roundTrip.toFixed(1)} ms` : "–"],
      ["hIce", urls.join(", ") || "–"],
    ];
    if (media) rows.push(["hPath", media.path ?? "–"], ["hMedia", t("frames", media)]);
    $("health").replaceChildren(...rows.map(([key, value]) => element("div", "", element("dt", "", t(key)), element("dd", "", value))));
  }
}
