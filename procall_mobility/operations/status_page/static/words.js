// Numbers, durations and times as people read them.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export const NOTHING = "–";

export const count = (value) => (value === null || value === undefined ? NOTHING : whole.format(value));

// Counts that are means of some: 0.4 messages a second.
export function amount(value) {
  if (value === null || value === undefined) return NOTHING;
  return value >= 100 ? whole.format(value) : value >= 10 ? fine.format(value) : value === 0 ? "0" : precise.format(value);
}

const PREFIXES = ["", "k", "M", "G", "T"];

function scaled(value, step) {
  let place = 0;
  while (value >= step && place < PREFIXES.length - 1) {
    value /= step;
    place += 1;
  }
  return [place === 0 || value >= 100 ? whole.format(value) : fine.format(value), PREFIXES[place]];
}

// The number and its unit apart: `["1.2", "Mbit/s"]`.
export function rateParts(value) {
  if (value === null || value === undefined) return [NOTHING, ""];
  const [number, prefix] = scaled(value, 1000);
  return [number, `${prefix}bit/s`];
}

export const rate = (value) => rateParts(value).join(" ").trim();

export function octets(value) {
  const [number, prefix] = scaled(value, 1000);
  return `${number} ${prefix === "" ? "octets" : `${prefix}B`}`;
}

export function seconds(value) {
  if (value === null || value === undefined) return NOTHING;
  if (value >= 1) return `${fine.format(value)} s`;
  return `${value < 0.01 ? fine.format(value * 1000) : whole.format(value * 1000)} ms`;
}

export const share = (value) => (value === null || value === undefined ? NOTHING : `${value < 0.1 ? fine.format(value * 100) : whole.format(value * 100)} %`);

export function lasted(value) {
  const minutes = Math.floor(value / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${Math.floor(value)} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function time(unix) {
  const at = new Date(unix * 1000);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

export const onDay = (text) => date.format(new Date(text));

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const many = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;
