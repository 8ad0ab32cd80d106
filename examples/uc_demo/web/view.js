// Small things every view needs: elements, initials, icons.

const ICONS = {
  settings: "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm7.4-2.6a7.6 7.6 0 0 0 0-1.8l2-1.5-2-3.4-2.3 1a7.7 7.7 0 0 0-1.6-1L15.2 3.700h-4l-.4 2.500a7.700 7.700 0 0 0-1.600.950l-2.300-.950-2 3.400 2 1.500a7.600 7.600 0 0 0 0 1.800l-2 1.500 2 3.400 2.300-.950c.500.400 1 .700 1.600.950l.400 2.500h4l.300-2.500c.600-.250 1.100-.550 1.600-.950l2.300.950 2-3.400-2-1.500Z",
  back: "M15 5l-7 7 7 7", close: "M6 6l12 12M18 6L6 18", send: "M4 12l16-8-6 16-3-7-7-1Z",
  phone: "M6.500 3.500h3l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500v3a2 2 0 0 1-2.200 2A16 16 0 0 1 4.500 5.700a2 2 0 0 1 2-2.200Z",
  video: "M4 7h10a1.500 1.500 0 0 1 1.500 1.500v7A1.500 1.500 0 0 1 14 17H4a1.500 1.500 0 0 1-1.500-1.500v-7A1.500 1.500 0 0 1 4 7Zm11.500 4 6-3.500v9l-6-3.500",
  mic: "M12 3.500a2.800 2.800 0 0 1 2.800 2.800v5.400a2.800 2.800 0 0 1-5.600 0V6.300A2.800 2.800 0 0 1 12 3.500ZM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3",
  hangup: "M3 14.500c5-5 13-5 18 0l-2.500 2.800-3.500-1.500v-2.300a10 10 0 0 0-6 0v2.300L5.500 17.300 3 14.500Z",
};

export const $ = (id) => document.getElementById(id);

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("fill", "none");
  svg.setAttribute("stroke", "currentColor");
  svg.setAttribute("stroke-width", "1.8");
  svg.setAttribute("stroke-linecap", "round");
  svg.setAttribute("stroke-linejoin", "round");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function paintButton(id, iconName, label) {
  $(id).replaceChildren(icon(iconName));
  $(id).setAttribute("aria-label", label);
  $(id).title = label;
}

export function paintAvatar(avatar, name, presence) {
  avatar.textContent = name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
  const tint = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 4;
  avatar.classList.remove("tint-0", "tint-1", "tint-2", "tint-3");
  avatar.classList.add(`tint-${tint}`);
  avatar.setAttribute("aria-hidden", "true");
  if (presence) avatar.dataset.presence = presence;
}

export const clock = (time) => time.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

export function lasted(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}
