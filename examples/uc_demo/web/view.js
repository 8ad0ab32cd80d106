// Small things every view needs: elements, buttons, avatars, times.

import { icon } from "./icons.js";

export const $ = (id) => document.getElementById(id);

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Touches the page only when there is something new: screen readers and focus stay where they are.
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export function paintButton(button, iconName, label) {
  const target = typeof button === "string" ? $(button) : button;
  if (target.dataset.icon !== iconName) target.replaceChildren(icon(iconName));
  target.dataset.icon = iconName;
  target.setAttribute("aria-label", label);
  target.title = label;
}

export function paintAvatar(avatar, name, presence) {
  write(avatar, name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase());
  avatar.dataset.tint = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0) % 4;
  avatar.setAttribute("aria-hidden", "true");
  if (presence) avatar.dataset.presence = presence;
}

export function lasted(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}
