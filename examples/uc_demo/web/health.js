// How this client reaches its company, and how well: a chip always, a panel when asked for.

import { number, t } from "./i18n.js";
import { drawing } from "./icons.js";
import { paintPaths } from "./path-list.js";
import { Paths } from "./paths.js";
import { $, element, lasted, write } from "./view.js";

const EVERY = 1000;
const PROBE_OPEN = 3;
const PROBE_CLOSED = 30;
const REMEMBERED = 30;
const PATHS_AGAIN = 300_000;

export class Health {
  #session;
  #ice;
  #forced;
  #paths = new Paths();
  #ticks = 0;
  #rounds = [];
  #measured = null;

  constructor(session, ice, forced) {
    this.#session = session;
    this.#ice = ice;
    this.#forced = forced;
    this.#paths.addEventListener("changed", () => this.paint());
    $("paths-again").onclick = () => this.#paths.test(ice.list);
    setInterval(() => this.#tick(), EVERY);
  }

  paint() {
    const session = this.#session();
    if (!session) return;
    const state = session.connected ? "ok" : "lost";
    $("chip").dataset.state = state;
    const round = this.#measured !== null && session.connected ? ` · ${this.#ms(this.#measured)}` : "";
    write($("chip-text"), `${t(session.connected ? "chipOk" : "chipLost")}${round}`);
    if (!$("panel").hidden) this.#paintPanel(session, state);
  }

  // The panel was opened.
  open() {
    this.probe();
    this.paint();
    if (!this.#paths.isRunning && Date.now() - this.#paths.finished > PATHS_AGAIN) this.#paths.test(this.#ice.list);
  }

  async probe() {
    const { rose } = this.#session() ?? {};
    if (!rose) return;
    const started = performance.now();
    try {
      // A cheap call that travels all the way to the company's server and back.
      await rose.call("asnGetTime");
      this.#measured = performance.now() - started;
      this.#rounds = [...this.#rounds, this.#measured].slice(-REMEMBERED);
    } catch {
      this.#measured = null;
    }
    this.paint();
  }

  #tick() {
    const due = $("panel").hidden ? PROBE_CLOSED : PROBE_OPEN;
    this.#ticks += 1;
    if (this.#ticks % due === 0) this.probe();
    this.paint();
  }

  #ms = (value) => t("ms", { value: number(value, value < 10 ? 1 : 0) });

  #paintPanel(session, state) {
    const stop = (name, detail, mood) => {
      const item = element("li", "", element("strong", "", name), element("span", "muted small", detail));
      item.dataset.state = mood;
      return item;
    };
    const reached = t(session.connected ? "wayOk" : "wayLost");
    const way = [
      stop(t("wayHere"), t(session.origin.startsWith("https:") ? "wayTls" : "wayPlain"), "ok"),
      stop(t("wayService"), session.origin.replace(/^\w+:\/\//, ""), state),
      stop(t("wayServer", { company: session.company }), reached, state),
    ];
    $("way").replaceChildren(...way);
    this.#paintCurve();
    $("paths-again").disabled = this.#paths.isRunning;
    paintPaths($("paths"), this.#paths);
    const { losses, rose } = session;
    const rows = [
      ["hRound", this.#measured === null ? "–" : this.#ms(this.#measured)],
      ["hSocket", t(session.connected ? "connected" : "lost")],
      ["hSession", session.connected ? t("since", { time: lasted(Date.now() - session.since) }) : "–"],
      ["hKeepAlives", number(rose?.keepAlives ?? 0)],
      ["hLosses", losses.length ? t("lostCode", { count: losses.length, code: losses.at(-1) }) : t("none")],
      ...(this.#forced ? [["hForced", t("forced", { kind: t(this.#forced) })]] : []),
    ];
    $("health").replaceChildren(...rows.map(([key, value]) => element("div", "", element("dt", "", t(key)), element("dd", "", value))));
  }

  #paintCurve() {
    $("curve").hidden = this.#rounds.length < 2;
    if ($("curve").hidden) return;
    const top = Math.max(...this.#rounds, 10);
    const step = 240 / (REMEMBERED - 1);
    const start = 240 - step * (this.#rounds.length - 1);
    const points = this.#rounds.map((round, place) => `${(start + place * step).toFixed(1)} ${(44 - (round / top) * 38).toFixed(1)}`);
    const line = `M${points.join("L")}`;
    const curve = drawing("0 0 240 46", { d: `${line}L240 46L${start.toFixed(1)} 46Z`, class: "area" }, { d: line, class: "line" });
    curve.setAttribute("preserveAspectRatio", "none");
    $("curve").replaceChildren(curve);
  }
}
