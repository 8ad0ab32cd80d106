// Makes and fills elements; text is always text, and what has not changed is not touched.

export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const pill = (text, mood) => element("span", { class: "pill", text, "data-mood": mood });

// Puts elements into a parent by key: those that are there already stay, and their text is set anew.
export function fill(parent, items, keyOf, make) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const made = make(item);
    made.dataset.key = keyOf(item);
    const old = before.get(made.dataset.key);
    before.delete(made.dataset.key);
    return old ? renewed(old, made) : made;
  });
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, place) => {
    if (child !== parent.children[place]) parent.insertBefore(child, parent.children[place] ?? null);
  });
}

// Of a row only those cells are others that say something else: what is marked or read aloud goes on.
function renewed(old, made) {
  if (old.isEqualNode(made)) return old;
  if (old.tagName !== "TR" || old.cells.length !== made.cells.length) return made;
  [...made.cells].forEach((cell, place) => {
    if (!old.cells[place].isEqualNode(cell)) old.cells[place].replaceWith(cell);
  });
  return old;
}

// What scrolls can be scrolled by keys too; what does not is no stop for them.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.closest(".scroll");
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});

export function watchScrolling() {
  for (const box of document.querySelectorAll(".scroll")) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.querySelector("caption").textContent);
    for (const each of [box, box.firstElementChild]) widths.observe(each);
  }
}

// A row: its first cell is what it is about. Cells are texts, or elements, or `{ text, small }`.
export function row(cells, classes) {
  return element("tr", {}, ...cells.map((cell, place) => {
    const made = element(place === 0 ? "th" : "td", { scope: place === 0 ? "row" : undefined, class: classes[place] || undefined });
    made.append(cell);
    return made;
  }));
}

// Fills the table of a section; what is left out is told beneath.
export function fillTable(section, rows, keyOf, cellsOf, { empty, leftOut = 0 }) {
  const table = section.querySelector("table");
  const classes = [...table.tHead.rows[0].cells].map((cell) => cell.className);
  const body = table.tBodies[0];
  if (rows.length === 0) {
    const cell = element("td", { class: "empty", colspan: classes.length, text: empty });
    fill(body, [0], () => "empty", () => element("tr", {}, cell));
    return;
  }
  const told = leftOut > 0 ? [...rows, null] : rows;
  const last = () => element("tr", {}, element("td", { class: "empty", colspan: classes.length, text: `and ${leftOut} more` }));
  fill(body, told, (each) => (each === null ? "left out" : keyOf(each)), (each) => (each === null ? last() : row(cellsOf(each), classes)));
}
