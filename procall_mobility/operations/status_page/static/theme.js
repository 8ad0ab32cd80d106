// Light, dark, or as the system has it; the choice is kept for next time.

const KEY = "theme";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const forced = matchMedia("(forced-colors: active)");

function paint(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

// Calls `changed` whenever colours are others than before.
export function followTheme(select, changed) {
  const kept = localStorage.getItem(KEY) ?? "system";
  select.value = kept;
  paint(kept);
  select.addEventListener("change", () => {
    if (select.value === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, select.value);
    paint(select.value);
    changed();
  });
  for (const each of [system, forced]) each.addEventListener("change", changed);
}
