// Figures as people read them. Everything is returned as text and is put on the page as text.

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);

// 0, 0.42, 7.31, 42.5, 1,234, 56.7 k
export function count(value) {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return Number.isInteger(value) || value >= 100 ? plain.format(value) : value.toFixed(digits(value));
}

export const rate = (value) => `${count(value)}/s`;

export function duration(microseconds) {
  if (microseconds === null || microseconds === undefined) return "–";
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${trimmed(microseconds / 1e3)} ms`;
  return `${trimmed(microseconds / 1e6)} s`;
}

const trimmed = (value) => value.toFixed(digits(value)).replace(/\.0+$|(\.\d)0$/, "$1");

export function bytes(value) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 1024]]) {
    if (value >= size) return `${trimmed(value / size)} ${unit}`;
  }
  return `${value} B`;
}

export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  // 100 % is said of everything only.
  if (value > 99) return `${Math.floor(value * 100) / 100} %`;
  return `${value.toFixed(value < 10 || value > 90 ? 1 : 0)} %`.replace(".0 %", " %");
}

export function elapsed(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const minutes = Math.round(seconds / 60); // first, so that there is no "1 h 60 min"
  if (seconds < 172800) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOfDay = (ms) => clock.format(new Date(ms));

// What strangers wrote, made visible: control characters, and those that turn the direction of writing, show as �.
export function printable(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

export const words = (name) => String(name).replaceAll("_", " ");
