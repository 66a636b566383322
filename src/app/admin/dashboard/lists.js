// Who and what: slow requests, clients, faults. Rows that are there already are left alone, so that an open one stays open and in focus.

import * as format from "./format.js";
import { byId, element } from "./page.js";
import { culprit, strip, waterfall } from "./waterfall.js";

const time = (record) => (record.time_us ? record.time_us / 1000 : Date.parse(record.time));
const shown = new Map(); // slow requests by key

export function slowRequests(records) {
  const list = byId("slow-list");
  byId("slow").hidden = false;
  const wanted = new Map(records.map((record) => [`${time(record)} ${record.request_id}`, record]));
  for (const [key, row] of shown) {
    if (!wanted.has(key)) {
      row.remove();
      shown.delete(key);
    }
  }
  list.querySelector("p")?.remove();
  if (!wanted.size) list.append(element("p", { class: "quiet" }, "No request was recorded."));
  let before = list.firstChild;
  for (const [key, record] of wanted) {
    const row = shown.get(key) ?? slowRow(record);
    if (row === before) {
      before = before.nextSibling;
    } else if (!shown.has(key)) {
      list.insertBefore(row, before);
    }
    shown.set(key, row);
  }
}

function slowRow(record) {
  const blame = culprit(record.hops_us ?? {});
  const details = element(
    "details",
    { class: "slow" },
    element(
      "summary",
      {},
      element("time", {}, format.timeOfDay(time(record))),
      element("b", {}, format.duration(record.duration_us)),
      element("span", { class: `pill ${safeClass(record.outcome)}` }, `${format.words(record.outcome)} ${record.status}`),
      strip(record.hops_us ?? {}),
      element("span", { class: "quiet blame" }, record.fault ? format.words(record.fault) : blame ? format.words(blame) : ""),
    ),
    waterfall(record.hops_us ?? {}),
  );
  const facts = Object.entries(record).filter(([name, value]) => typeof value !== "object" && !["type", "time", "time_us", "duration_us"].includes(name));
  details.append(element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, format.words(name)), element("dd", {}, value)])));
  return details;
}

const safeClass = (name) => (/^[a-z_]+$/.test(name) ? name : "");

const EVENTS_SHOWN = 12;
const entered = []; // of the logbook, newest first
const newestEvent = () => entered[0]?.number ?? 0;
export const eventsAfter = () => `/api/events?since=${newestEvent()}`;

export function forgetEvents() {
  entered.length = 0;
}

export function events(came) {
  entered.unshift(...came.reverse());
  entered.length = Math.min(entered.length, EVENTS_SHOWN);
  if (!came.length && entered.length) return;
  const items = entered.map((one) =>
    element(
      "li",
      { class: safeClass(one.level) },
      element("time", { datetime: one.time }, format.timeOfDay(Date.parse(one.time))),
      element("span", { class: "level" }, one.level),
      element("span", {}, one.message),
    ),
  );
  byId("events-list").replaceChildren(...(items.length ? items : [element("li", { class: "quiet" }, "None.")]));
}

const COLUMNS = [
  ["requests", "requests"],
  ["hits", "from memory"],
  ["upstream_calls", "upstream calls"],
  ["avoided", "avoided"],
  ["wasted_polls", "wasted polls"],
  ["throttled", "throttled"],
];

export function clients(list) {
  byId("clients").hidden = !list?.length;
  if (!list?.length) return;
  const head = element("tr", {}, element("th", { scope: "col" }, "client"), ...COLUMNS.map(([, title]) => element("th", { scope: "col" }, title)));
  const rows = list.map((one) =>
    element("tr", {}, element("th", { scope: "row" }, one.client), ...COLUMNS.map(([name]) => element("td", {}, format.count(one[name] ?? 0)))),
  );
  byId("clients-table").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
}

const PROBES = { this: "this gateway probes", another: "another gateway probes" };

export function circuits(list) {
  byId("circuits").hidden = !list.length;
  const items = list.map((one) => {
    const whose = [one.account ? `account ${one.account.slice(0, 8)}` : "all accounts", format.words(one.circuit), ...(one.resource ? [one.resource] : [])];
    const how = [`${format.words(one.state)} for ${format.elapsed(one.since_s)}`, ...(PROBES[one.probe] ? [PROBES[one.probe]] : [])];
    return element("li", {}, element("span", {}, whose.join(", ")), element("b", {}, how.join("; ")));
  });
  byId("circuits-list").replaceChildren(...items);
}

// What went wrong or was done twice, most often first.
export function faults(totals) {
  const found = [
    ...named(totals.faults, ""),
    ...named(totals.retries, "retry: "),
    ...named({ "client TLS failed": totals.client_handshakes.failed, "upstream TLS failed": totals.handshakes.failed }, ""),
    ...named({ "cool-downs after 429": totals.cool_downs, "circuit breakers opened": totals.breaks }, ""),
    ...named({ "connections refused": totals.connections_refused, "credential files unusable": totals.credential_reloads_failed }, ""),
  ].sort((a, b) => b.count - a.count);
  const items = found.map((one) => element("li", {}, element("span", {}, one.name), element("b", {}, format.count(one.count))));
  byId("faults-list").replaceChildren(...(items.length ? items : [element("li", { class: "quiet" }, "None.")]));
}

const named = (counts, prefix) =>
  Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => ({ name: prefix + format.words(name), count }));
