// The busiest clients as a table that is sorted by the column of your choice. Its head stays, so that it keeps the focus.

import * as format from "./format.js";
import { byId, element } from "./page.js";

const COLUMNS = [
  ["per_second", "requests/s"],
  ["requests", "requests"],
  ["hits", "from memory"],
  ["upstream_calls", "upstream calls"],
  ["avoided", "calls avoided"],
  ["wasted_polls", "wasted polls"],
  ["status_4xx", "4xx"],
  ["status_5xx", "5xx"],
  ["throttled", "throttled"],
];
const NAME = "client";
const REST = "other"; // all further clients, added up

const sorted = { by: "upstream_calls", down: true };
let rows = [];

export function clients(list) {
  rows = list ?? [];
  byId("clients").hidden = !rows.length;
  show();
}

function show() {
  const where = byId("clients-table");
  if (!where.firstChild) where.append(element("table", {}, element("caption", { class: "heard" }, "Clients: their requests, and the upstream calls they cost"), head(), element("tbody")));
  for (const cell of where.querySelectorAll("thead th")) {
    const chosen = cell.dataset.column === sorted.by;
    cell.setAttribute("aria-sort", chosen ? (sorted.down ? "descending" : "ascending") : "none");
  }
  where.querySelector("tbody").replaceChildren(...[...rows].sort(order).map(row));
}

function head() {
  const cells = [[NAME, NAME], ...COLUMNS].map(([name, title]) => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      sorted.down = sorted.by === name ? !sorted.down : name !== NAME;
      sorted.by = name;
      show();
    });
    const cell = element("th", { scope: "col" }, button);
    cell.dataset.column = name;
    return cell;
  });
  return element("thead", {}, element("tr", {}, ...cells));
}

function order(a, b) {
  if ((a.client === REST) !== (b.client === REST)) return a.client === REST ? 1 : -1;
  const difference = sorted.by === NAME ? String(a.client).localeCompare(String(b.client)) : (a[sorted.by] ?? 0) - (b[sorted.by] ?? 0);
  return sorted.down ? -difference : difference;
}

function row(one) {
  const cells = COLUMNS.map(([name, title]) => {
    const cell = element("td", {}, format.count(one[name] ?? 0));
    cell.dataset.title = title; // for phones, where there are no columns
    return cell;
  });
  return element("tr", {}, element("th", { scope: "row" }, one.client), ...cells);
}
