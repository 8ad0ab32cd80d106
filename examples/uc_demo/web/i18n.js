// Words in German and English, and who gets which.

import { DE as PATHS_DE, EN as PATHS_EN } from "./path-words.js";
import { DE as PUSH_DE, EN as PUSH_EN } from "./push-words.js";
import { DE, EN } from "./words.js";

const WORDS = { en: { ...EN, ...PATHS_EN, ...PUSH_EN }, de: { ...DE, ...PATHS_DE, ...PUSH_DE } };

let language = localStorage.getItem("language") ?? (navigator.language.startsWith("de") ? "de" : "en");
if (!(language in WORDS)) language = "en";

export const currentLanguage = () => language;

// The reader's own way to write times, if it is of the language that is shown.
const locale = () => navigator.languages.find((each) => each.startsWith(language)) ?? language;

export function t(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const timeOf = (time) => time.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });

export const number = (value, digits = 0) => value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

export function dayOf(time) {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const days = Math.ceil((midnight - time) / 86_400_000);
  if (days <= 0) return t("today");
  if (days === 1) return t("yesterday");
  return time.toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });
}

export function setLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
}

export function translate() {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-t]")) each.textContent = t(each.dataset.t);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", t(each.dataset.label));
}
