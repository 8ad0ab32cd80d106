// The top of the page: is it well, what needs somebody, and the figures of now.

import { element, fill, say } from "./elements.js";
import { laneState } from "./sections.js";
import { amount, count, lasted, many, rateParts, seconds, share } from "./words.js";

const tile = (name, value, unit, note) => ({ name, value, unit, note });

function tiles({ now, links, sessions, relay, push, samples }) {
  const latest = (name) => samples.series[name]?.at(-1);
  const made = [
    tile("Links", count(links.total), "", links.total ? many(sessions.rows.length + sessions.left_out, "customer") : "no server has dialled in"),
    tile("Sessions", count(sessions.total), "", `${count(sessions.attached)} connected`),
  ];
  if (relay) {
    const [number, unit] = rateParts((latest("kernel") ?? 0) + (latest("python") ?? 0));
    made.push(tile("Media", number, unit, many(relay.allocations, "allocation")));
  }
  if (push) {
    const inFlight = push.lanes.rows.reduce((sum, lane) => sum + lane.in_flight, 0);
    made.push(tile("Pushes open", count(push.open), "", `${count(inFlight)} in flight`));
  }
  made.push(tile("Connections", count(now.connections.open), "", `of ${count(now.connections.most)}`));
  made.push(tile("Processor", ...share(latest("cpu")).split(" "), `reactor late by ${seconds(latest("lateness"))}`));
  return made;
}

function needs({ readiness, push, expiries, links }) {
  const found = readiness.reasons.map(({ text }) => `Not ready: ${text}.`);
  for (const { names, kind, days, state } of expiries) {
    if (state === "ended") found.push(`The ${kind} ${names.join(", ")} has ended.`);
    else if (state === "very-soon") found.push(`The ${kind} ${names.join(", ")} ends in ${many(days, "day")}.`);
  }
  for (const lane of push?.lanes.rows ?? []) {
    const [word, mood] = laneState(lane);
    if (mood === "bad") found.push(`Push lane ${lane.lane}: ${[word, lane.trouble].filter(Boolean).join(", ")}; ${many(lane.waiting, "push waits", "pushes wait")}.`);
  }
  for (const link of links.rows) if (link.paused) found.push(`The server of ${link.customer} (${link.name}) takes nothing.`);
  return found;
}

export function showOverview(told) {
  const { now, readiness } = told;
  say(document.getElementById("node"), `${now.node}, up for ${lasted(now.uptime)}`);
  const state = document.getElementById("state");
  const isStopping = readiness.reasons.some(({ check }) => check === "stopping");
  state.hidden = false;
  state.dataset.mood = readiness.ready ? "good" : "bad";
  say(state, readiness.ready ? "Ready" : isStopping ? "Stopping" : "Not ready");
  document.title = `${state.textContent} – ${now.node} – ProCall Mobility`;
  fill(document.getElementById("tiles"), tiles(told), ({ name }) => name, ({ name, value, unit, note }) => {
    const number = element("dd", { class: "value", text: value });
    if (unit) number.append(element("span", { class: "unit", text: unit }));
    return element("div", { class: "tile" }, element("dt", { text: name }), number, element("dd", { class: "note", text: note }));
  });
  const attention = document.getElementById("attention");
  const found = needs(told);
  attention.hidden = found.length === 0;
  fill(attention.querySelector("ul"), found, (text) => text, (text) => element("li", { text }));
}
