// Light, dark, or like the system; the same on every page.

export const THEMES = ["system", "light", "dark"];

export function currentTheme() {
  const theme = localStorage.getItem("theme");
  return THEMES.includes(theme) ? theme : "system";
}

export function chooseTheme(theme) {
  localStorage.setItem("theme", theme);
  paintTheme();
}

export function paintTheme() {
  const theme = currentTheme();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
