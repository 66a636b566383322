// The busiest clients as a table that is sorted by the column of your choice. Its head stays, so that it keeps the focus.

import * as format from "./format.js";
import { byId, element, track } from "./page.js";

// What of a client stands in a column. `shown`: text and elements; `value`: by which it is sorted; `when`: a row that makes the column
// appear, so that there is nothing about shares and quotas where no client has any.
const figure = (name, title) => ({ name, title, value: (one) => one[name] ?? 0, shown: (one) => [format.count(one[name] ?? 0)] });
const isSharing = (one) => one.class === "bulk" || one.weight > 1;
const isBounded = (one) => one.max_in_flight > 0;
const hasQuota = (one) => one.quota_of > 0;
const usedPart = (one) => (hasQuota(one) ? one.quota_used / one.quota_of : -1);
const NONE = ["–"];

const NAME = { name: "client", title: "client", value: (one) => String(one.client) };
const COLUMNS = [
  figure("per_second", "requests/s"),
  figure("requests", "requests"),
  figure("hits", "from memory"),
  figure("upstream_calls", "upstream calls"),
  figure("avoided", "calls avoided"),
  figure("wasted_polls", "wasted polls"),
  figure("status_4xx", "4xx"),
  figure("status_5xx", "5xx"),
  figure("throttled", "throttled"),
  { name: "class", title: "class", value: (one) => one.class ?? "", shown: (one) => [one.class ?? "–"], when: isSharing },
  { name: "weight", title: "weight", value: (one) => one.weight ?? 0, shown: (one) => (one.weight ? [format.count(one.weight)] : NONE), when: isSharing },
  { name: "in_flight", title: "in flight", value: (one) => one.in_flight ?? -1, shown: inFlight, when: isBounded },
  { name: "quota", title: "quota used", value: usedPart, shown: quota, when: hasQuota },
  { name: "window", title: "window ends", value: (one) => one.quota_resets_in ?? -1, shown: windowEnd, when: hasQuota },
];
const REST = "other"; // all further clients, added up

const sorted = { by: "upstream_calls", down: true };
let rows = [];
let columns = []; // that are shown

function inFlight(one) {
  if (one.in_flight === undefined) return NONE;
  if (!isBounded(one)) return [format.count(one.in_flight)];
  return [`${format.count(one.in_flight)} of ${format.count(one.max_in_flight)}`, track(one.in_flight / one.max_in_flight)];
}

function quota(one) {
  if (!hasQuota(one)) return NONE;
  const used = `${format.count(one.quota_used)} of ${format.count(one.quota_of)}`;
  if (one.quota_used < one.quota_of) return [used, track(usedPart(one))];
  return [`${used} `, element("span", { class: "pill critical" }, "used up")];
}

function windowEnd(one) {
  return hasQuota(one) ? [`in ${format.elapsed(one.quota_resets_in)}`] : NONE;
}

export function clients(list) {
  rows = list ?? [];
  byId("clients").hidden = !rows.length;
  const wanted = COLUMNS.filter((one) => !one.when || rows.some(one.when));
  if (wanted.length !== columns.length || wanted.some((one, i) => one !== columns[i])) {
    columns = wanted;
    const caption = element("caption", { class: "heard" }, "Clients: their requests, and the upstream calls they cost");
    byId("clients-table").replaceChildren(element("table", {}, caption, head(), element("tbody")));
  }
  show();
}

function show() {
  const where = byId("clients-table");
  for (const cell of where.querySelectorAll("thead th")) {
    const chosen = cell.dataset.column === sorted.by;
    cell.setAttribute("aria-sort", chosen ? (sorted.down ? "descending" : "ascending") : "none");
  }
  where.querySelector("tbody").replaceChildren(...[...rows].sort(order).map(row));
}

function head() {
  const cells = [NAME, ...columns].map(({ name, title }) => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      sorted.down = sorted.by === name ? !sorted.down : name !== NAME.name;
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
  const { value } = [NAME, ...COLUMNS].find((one) => one.name === sorted.by);
  const [one, other] = [value(a), value(b)];
  const difference = typeof one === "string" ? one.localeCompare(other) : one - other;
  return sorted.down ? -difference : difference;
}

function row(one) {
  const cells = columns.map(({ title, shown }) => {
    const cell = element("td", {}, ...shown(one));
    cell.dataset.title = title; // for phones, where there are no columns
    return cell;
  });
  return element("tr", {}, element("th", { scope: "row" }, one.client), ...cells);
}
