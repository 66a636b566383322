// Shows the pages about alerts and faults, which are built into the program: an operator needs no other host to read what to do.
// It knows the little Markdown that these pages use. Each heading is an anchor, and so is each row of a table that begins with a name.

import { byId, element } from "./page.js";

const PAGES = ["alerts.md", "troubleshooting.md"];
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g;

export const anchorOf = (title) => title.toLowerCase().replace(/[^a-z0-9 _-]/g, "").replaceAll(" ", "-");

function inline(text) {
  const made = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, bold, title, target] = found;
    made.push(text.slice(at, found.index));
    at = found.index + whole.length;
    if (code) made.push(element("code", {}, code));
    else if (bold) made.push(element("b", {}, bold));
    else made.push(linked(title, target));
  }
  return [...made, text.slice(at)].filter((one) => one !== "");
}

// Other pages are in the package, and not here.
function linked(title, target) {
  const [page, anchor] = target.split("#");
  const here = anchor && (page === "" || PAGES.includes(page));
  return here ? element("a", { href: `#${anchor}` }, ...inline(title)) : element("span", {}, ...inline(title));
}

const cellsOf = (line) => line.replace(/^\||\|$/g, "").split("|").map((one) => one.trim());

function table(lines) {
  const [titles, , ...rows] = lines.map(cellsOf);
  const made = rows.map((cells) => {
    const name = /^`([a-z_]+)`$/.exec(cells[0])?.[1];
    return element("tr", name ? { id: name } : {}, ...cells.map((cell, i) => element(i ? "td" : "th", { ...(i ? {} : { scope: "row" }), "data-title": titles[i] }, ...inline(cell))));
  });
  return element("table", {}, element("thead", {}, element("tr", {}, ...titles.map((one) => element("th", { scope: "col" }, one)))), element("tbody", {}, ...made));
}

function list(lines) {
  const items = [];
  for (const line of lines) {
    if (/^(- |\d+\. )/.test(line)) items.push(line.replace(/^(- |\d+\. )/, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return element(/^\d/.test(lines[0]) ? "ol" : "ul", {}, ...items.map((item) => element("li", {}, ...inline(item))));
}

function block(text) {
  const lines = text.split("\n");
  const heading = /^(#+) (.*)$/.exec(lines[0]);
  if (heading) {
    const made = [element(`h${heading[1].length + 1}`, { id: anchorOf(heading[2]) }, ...inline(heading[2]))];
    return lines.length > 1 ? [...made, ...block(lines.slice(1).join("\n"))] : made;
  }
  if (lines[0].startsWith("|")) return [element("div", { class: "scroll" }, table(lines))];
  if (/^(- |\d+\. )/.test(lines[0])) return [list(lines)];
  if (lines[0].startsWith("```")) return [element("pre", {}, lines.slice(1, -1).join("\n"))];
  return [element("p", {}, ...inline(lines.join(" ")))];
}

async function show() {
  const texts = await Promise.all(PAGES.map(async (page) => (await fetch(`/dashboard/${page}`, { credentials: "omit" })).text()));
  byId("book").replaceChildren(...texts.flatMap((text) => text.trim().split(/\n\n+/).flatMap(block)));
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  wanted?.classList.add("wanted");
  wanted?.scrollIntoView();
}

show();
