// Shows the ways media can take: one line each in the client's panel, with reasons and cures on the page of its own.

import { number, t } from "./i18n.js";
import { KINDS } from "./paths.js";
import { element } from "./view.js";

const CREDENTIALS = [401, 431, 432, 434, 435, 436, 438, 441];
const QUOTA = [486, 508];
const DIRECT = ["host", "srflx"];

const ms = (value) => t("ms", { value: number(value, value < 10 ? 1 : 0) });
const serverOf = (url) => url.replace(/^\w+:/, "").replace(/\?.*/, "");

const outcome = ({ state, ms: took }) => (state === "ok" ? ms(took) : t({ running: "testing", missing: "notTold", failed: "fails" }[state]));

// Whether new credentials are what helps.
export const isRefused = (paths) => [...paths.results.values()].some(({ code }) => CREDENTIALS.includes(code));

function cureOf({ kind, state, code }) {
  if (state === "missing") return "cure.missing";
  if (code === "loop") return "cure.loop";
  if (code === 403) return "cure.forbidden";
  if (CREDENTIALS.includes(code)) return "cure.credentials";
  return QUOTA.includes(code) ? "cure.quota" : `cure.${kind}`;
}

function facts({ state, address, url, code, text }) {
  if (state !== "ok") return [url, code, text].filter(Boolean).join(" · ");
  const known = address === "" ? t("noNat") : address.includes(".local") ? t("hiddenAddress") : address;
  return [known, url].filter(Boolean).join(" · ");
}

function row(result, isExplained) {
  const { kind, state } = result;
  const head = element("span", "path-head", element("strong", "", t(kind)), element("span", "path-time", outcome(result)));
  const item = element("li", "", head);
  item.dataset.kind = kind;
  item.dataset.state = state;
  if (isExplained) item.append(element("span", "muted small", t(`${kind}About`)));
  if (result.round !== undefined) item.append(element("span", "path-facts", t("roundTrip", { ms: ms(result.round) })));
  if (!isExplained) return item;
  if (state === "failed" || state === "missing") item.append(element("p", "cure", t(cureOf(result), { server: serverOf(result.url ?? "") })));
  if (state === "ok" || state === "failed") item.append(element("span", "path-facts", facts(result)));
  return item;
}

export function paintPaths(list, paths, { isExplained = false } = {}) {
  list.replaceChildren(...KINDS.map((kind) => row(paths.results.get(kind) ?? { kind, state: "running" }, isExplained)));
}

// One word on the whole, and its mood.
export function verdict(paths) {
  const works = (kind) => paths.results.get(kind)?.state === "ok";
  if (!paths.results.size || paths.isRunning) return { key: "verdictTesting", mood: "running" };
  if (works("udp")) return works("srflx") ? { key: "verdictGood", mood: "ok" } : { key: "verdictRelayOnly", mood: "ok" };
  if (works("tcp") || works("tls")) return { key: "verdictSlow", mood: "weak" };
  return DIRECT.some(works) ? { key: "verdictDirect", mood: "weak" } : { key: "verdictNone", mood: "failed" };
}

// Plain text for whoever is asked for help; the same in every language, and without credentials.
export function report(paths) {
  const line = ({ kind, state, ms: took, round, address, url, code, text }) =>
    [kind, state, took && `${took.toFixed(0)} ms`, round && `round trip ${round.toFixed(1)} ms`, address, url, code, text].filter(Boolean).join(", ");
  return [new Date(paths.finished).toISOString(), location.host, navigator.userAgent, ...[...paths.results.values()].map(line)].join("\n");
}
