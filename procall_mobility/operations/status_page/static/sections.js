// Tables and lists below the plots: one function for each section, given the daemon's document.

import { element, fill, fillTable, pill, say } from "./elements.js";
import { Speeds } from "./speeds.js";
import { amount, count, lasted, many, NOTHING, octets, onDay, rate, sentence, time } from "./words.js";

const section = (id) => document.getElementById(id);
const note = (id, text) => say(section(id).querySelector(".note"), text);

// A cell with a second line; `wide` ones have it only where there is room.
function cell(text, small, wide) {
  const made = new DocumentFragment();
  made.append(text);
  if (small) made.append(element("small", { text: small, class: wide }));
  return made;
}

const linkSpeeds = new Speeds();

function links({ links: told, now }) {
  const keyOf = ({ customer, name }) => `${customer} ${name}`;
  const { rows, total, left_out: leftOut } = told;
  note("links", rows.some(({ paused }) => paused) ? "some servers take nothing for now" : many(total, "link"));
  const speeds = new Map(rows.map((each) => [keyOf(each), linkSpeeds.look(keyOf(each), each.sent + each.received, now.uptime)]));
  linkSpeeds.keep(speeds);
  fillTable(section("links"), rows, keyOf, (each) => {
    const since = `since ${time(now.time - each.seconds)}`;
    return [
      each.customer,
      each.paused ? cell(each.name, "takes nothing") : each.name,
      cell(each.server || NOTHING, each.form === "ber" ? "ROSE in BER" : "ROSE in JSON"),
      cell(lasted(each.seconds), since, "wide"),
      count(each.sessions),
      cell(`${amount(speeds.get(keyOf(each)))}/s`, count(each.sent + each.received)),
    ];
  }, { empty: "No customer’s server has dialled in.", leftOut });
}

function sessions({ sessions: told }) {
  const apps = Object.entries(told.apps).map(([app, number]) => `${app} ${count(number)}`);
  note("sessions", apps.join(", ") || many(told.total, "session"));
  fillTable(section("sessions"), told.rows, (each) => each.customer,
    (each) => [each.customer, count(each.sessions), count(each.attached), count(each.most)],
    { empty: "Nobody is logged in.", leftOut: told.left_out });
}

function relay({ relay: told }) {
  section("relay").hidden = told === null;
  if (told === null) return;
  const { kernel, python } = told.relayed;
  note("relay", `${octets(kernel + python)} since the start, ${kernel ? `${octets(kernel)} of it by the kernel` : "by Python"}`);
  fillTable(section("relay"), told.customers.rows, (each) => each.customer, (each) => [
    each.customer, count(each.allocations), `${count(each.carried_channels)} of ${count(each.channels)}`, rate(each.kernel), rate(each.python),
  ], { empty: "Nobody has an allocation.", leftOut: told.customers.left_out });
}

const BREAKERS = { closed: ["works", "good"], open: ["fails", "bad"], "half-open": ["recovers", "warning"], suspended: ["suspended", "bad"] };

export function laneState({ breaker, trouble, streams }) {
  if (trouble && breaker === "closed") return ["in trouble", "bad"];
  return breaker === "closed" && streams === 0 ? ["idle", undefined] : BREAKERS[breaker];
}

function push({ push: told }) {
  section("push").hidden = told === null;
  if (told === null) return;
  note("push", told.restoring ? "pushes of the last run are being read" : `${many(told.open, "push", "pushes")} not ended`);
  fillTable(section("push"), told.lanes.rows, (each) => each.lane, (each) => [
    cell(each.provider, each.lane.slice(each.provider.length).replace(/^[:@]/, "")), cell(pill(...laneState(each)), each.trouble), count(each.waiting), count(each.in_flight), count(each.sent), count(each.rejected + each.expired),
  ], { empty: "No provider is set up.", leftOut: told.lanes.left_out });
}

const LEFT = { good: undefined, soon: "warning", "very-soon": "bad", ended: "bad" };

function expiries({ expiries: told }) {
  fillTable(section("expiries"), told, (each) => each.kind + each.names.join(), ({ kind, names, until, days, state }) => {
    const left = state === "ended" ? "ended" : many(days, "day");
    const ends = element("time", { datetime: until, text: onDay(until) });
    return [cell(names.join(", "), kind), ends, LEFT[state] ? pill(left, LEFT[state]) : left];
  }, { empty: "Nothing here ends." });
}

const FEW = 8;
const MOODS = { error: ["bad", "Error"], warning: ["warning", "Warning"], news: [undefined, "News"] };
let isLong = false;

function incidents(told) {
  const list = section("incidents").querySelector("ol");
  const more = section("incidents").querySelector(".more");
  const all = told.incidents;
  fill(list, isLong ? all : all.slice(0, FEW), (each) => `${each.first} ${each.what} ${each.details} ${each.customer}`, (each) => {
    const [mood, word] = MOODS[each.level];
    const often = each.count > 1 ? ` × ${count(each.count)}` : "";
    const what = element("strong", {}, element("span", { class: "visually-hidden", text: `${word}: ` }), `${sentence(each.what)}${often}`);
    const when = element("time", { datetime: new Date(each.last * 1000).toISOString(), text: time(each.last) });
    const details = [each.customer, each.details].filter(Boolean).join(": ");
    return element("li", {}, element("i", { "aria-hidden": "true", "data-mood": mood }), what, when, ...(details ? [element("p", { text: details })] : []));
  });
  more.hidden = all.length <= FEW;
  say(more, isLong ? "Show fewer" : `Show all ${count(all.length)}`);
  more.onclick = () => {
    isLong = !isLong;
    incidents(told);
  };
}

// `tls 127.0.0.1:443` and `tls [::1]:443` are one line.
function places(listening) {
  const byPurpose = new Map();
  for (const each of listening) {
    const [purpose, place] = each.split(" ");
    byPurpose.set(purpose, [...(byPurpose.get(purpose) ?? [purpose]), place]);
  }
  return [...byPurpose.values()].map((words) => words.join(" ")).join("\n");
}

function about({ now, relay: media }) {
  const facts = [
    ...Object.entries(now.versions),
    ...(media ? [["Media relayed by", media.datapath.path === "kernel" && media.datapath.switch !== "off" ? "the kernel" : "Python"]] : []),
    ["Listens on", places(now.listening)],
  ];
  fill(section("about").querySelector("dl"), facts, ([name]) => name,
    ([name, value]) => element("div", {}, element("dt", { text: name }), element("dd", { text: value })));
}

export function showSections(told) {
  for (const show of [links, sessions, relay, push, expiries, incidents, about]) show(told);
}
