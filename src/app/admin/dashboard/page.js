// Elements, made without any markup: names and texts only, so nothing that was counted can become part of the page's code.

import { printable } from "./format.js";

export const byId = (id) => document.getElementById(id);

// element("span", { class: "pill", title: "…" }, "text", anotherElement)
export function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const one of inside) made.append(typeof one === "object" ? one : printable(one));
  return made;
}

// A bar that is filled to that part.
export function track(share) {
  const used = element("i", { class: "upstream" });
  used.style.width = `${Math.min(share, 1) * 100}%`;
  return element("span", { class: "track" }, used);
}

export function say(where, text) {
  const shown = printable(text);
  if (where.textContent !== shown) where.textContent = shown;
}

// Of buttons of which one is chosen; calls chosen(button) at each choice.
export function choice(group, chosen) {
  const buttons = [...group.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
      chosen(button);
    });
  }
}
