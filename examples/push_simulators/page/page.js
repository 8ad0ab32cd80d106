// Shows pushes as they arrive, and wakes the devices they are for.
import { Phone } from "./phone.js";
import { rowOf } from "./rows.js";

const MOST_ROWS = 200;
const rows = document.getElementById("rows");
const shown = new Map();

const say = (id, text) => { document.getElementById(id).textContent = text; };

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

async function wake(push, button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  // At once, as long as it is the click that opens it.
  const link = phone.linkOf(push);
  if (link) window.open(link, "_blank", "noopener");
  try {
    await ask("wake", { number: push.number });
    // It keeps the focus, as a disabled one would not.
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Woken";
    say("news", `The device of push ${push.number} is woken.`);
  } catch (error) {
    say("news", error.message);
  }
}

const phone = new Phone((number) => ask("wake", { number }).catch((error) => say("news", error.message)));

function show(push) {
  if (!push.is_push) return;
  phone.take(push);
  const known = shown.get(push.number);
  const row = rowOf(push, wake, known);
  if (known) {
    if (known !== row) known.replaceWith(row);
  } else {
    rows.prepend(row);
    document.getElementById("none").hidden = true;
    say("news", `A push to ${push.provider} has arrived.`);
  }
  shown.set(push.number, row);
  while (rows.children.length > MOST_ROWS) {
    const last = rows.lastElementChild;
    shown.delete(Number(last.dataset.number));
    last.remove();
  }
}

async function showProviders() {
  const state = await ask("state");
  phone.app = state.app;
  const list = document.getElementById("providers");
  list.replaceChildren(...Object.entries(state.addresses).map(([name, address]) => {
    const item = document.createElement("li");
    const where = document.createElement("span");
    where.textContent = address;
    item.append(`${name} `, where);
    return item;
  }));
  const found = await ask(`arrivals?after=${Math.max(0, state.last - MOST_ROWS)}`);
  found.forEach(show);
}

const events = new EventSource("events");
events.addEventListener("open", () => {
  say("state", "Listening");
  showProviders().catch((error) => say("state", error.message));
});
events.addEventListener("error", () => say("state", "Not connected; trying again"));
events.addEventListener("arrival", (event) => show(JSON.parse(event.data)));
events.addEventListener("wake", (event) => phone.woken(JSON.parse(event.data).id));
