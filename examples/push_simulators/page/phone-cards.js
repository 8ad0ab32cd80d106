// The cards on a phone's screen. Who calls, and what is written, is sealed: a phone's system cannot read it either.
const made = (tag, className, ...content) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
};

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  phone: "M6.5 3.5h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A16 16 0 0 1 4.5 5.700a2 2 0 0 1 2-2.200Z",
  down: "M3 14.500c5-5 13-5 18 0l-2.500 2.800-3.500-1.500v-2.300a10 10 0 0 0-6 0v2.300L5.500 17.300 3 14.500Z",
  close: "M6 6l12 12M18 6L6 18",
  message: "M4 5.500h16v11H9.500L5 20.500v-4H4Z",
};

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

// A link where there is an application to open, a button where there is only somebody to tell.
function opener(className, label, { href, open }, ...content) {
  const element = made(href ? "a" : "button", className, ...content);
  if (href) Object.assign(element, { href, target: "_blank", rel: "noopener" });
  else element.type = "button";
  element.setAttribute("aria-label", label);
  element.addEventListener("click", open);
  return element;
}

function dismisser(className, label, { dismiss }, ...content) {
  const element = made("button", className, ...content);
  element.type = "button";
  element.setAttribute("aria-label", label);
  element.addEventListener("click", dismiss);
  return element;
}

function card(kind, { id }, { account, href }, ...content) {
  const whose = made("p", "whose", account || "A device");
  const element = made("li", `card ${kind}`, whose, ...content);
  // As long as all of this is the same, so is the card.
  element.dataset.mark = `${kind} ${id} ${href}`;
  return element;
}

export function ringing(about, act) {
  const buttons = made("div", "buttons",
    dismisser("round decline", "Dismiss the call", act, icon("down")),
    opener("round answer", "Wake the phone and open the call", act, icon("phone")));
  return card("ringing", about, act,
    made("span", "pulse", icon("phone")),
    made("strong", "", "Incoming call"),
    made("p", "sealed", about.content.data ? "Who calls is sealed: only the app can read it." : "Open the app to see who calls."),
    buttons);
}

const line = (kind, name, title, text) => (about, act) => card(kind, about, act,
  opener("tap", `${title(about)}: open the app`, act, made("span", "badge", icon(name)), made("span", "", made("strong", "", title(about)), made("span", "sealed", text))),
  dismisser("away", "Dismiss", act, icon("close")));

export const missed = line("missed", "down", () => "Missed call", "Tap to open the app");
export const note = line("note", "message", (about) => about.title ?? "New message", "Sealed. Tap to open the app");
