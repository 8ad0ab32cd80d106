// One row of the table: texts only, whatever a sender has put into its push.
const cell = (...content) => {
  const made = document.createElement("td");
  made.append(...content);
  return made;
};

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// What the application would be told, wherever the provider has it.
export function contentOf(push) {
  const body = parsed(push.clear ?? push.body) ?? {};
  const data = body.message?.data ?? body.payload?.extraData ?? body;
  return (typeof data === "string" ? parsed(data) : data) ?? {};
}

function details(push) {
  const made = document.createElement("details");
  const summary = document.createElement("summary");
  const content = contentOf(push);
  summary.textContent = content.kind ?? push.id ?? "push";
  const text = document.createElement("pre");
  text.textContent = [
    `${push.method} ${push.path}`,
    ...push.headers.map(([name, value]) => `${name}: ${name === "authorization" ? "…" : value}`),
    "",
    push.clear ?? push.body,
  ].join("\n");
  made.append(summary, text);
  return made;
}

function verdict(push) {
  const made = document.createElement("span");
  const refused = Boolean(push.refusal);
  const notes = [push.refusal, ...push.remarks];
  if (push.nth > 1) notes.push(`arrived ${push.nth} times`);
  made.className = refused || !/^2/.test(push.done) ? "bad" : "good";
  made.textContent = [push.done || "waiting", ...notes.filter(Boolean)].join(", ");
  return made;
}

export function rowOf(push, wake, known) {
  if (known) {
    known.children[4].replaceChildren(verdict(push));
    return known;
  }
  const row = document.createElement("tr");
  row.dataset.number = push.number;
  const device = document.createElement("code");
  device.textContent = push.token.length > 16 ? `${push.token.slice(0, 16)}…` : push.token;
  device.title = push.token;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Wake";
  button.setAttribute("aria-label", `Wake the device of push ${push.number}`);
  button.addEventListener("click", () => wake(push, button));
  row.append(
    cell(new Date(push.at * 1000).toLocaleTimeString()),
    cell(push.provider), cell(details(push)), cell(device), cell(verdict(push)), cell(button),
  );
  return row;
}
