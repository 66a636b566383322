// What happened: slow requests, failures, faults. Rows that are there already are left alone, so that an open one stays open and in focus.

import * as format from "./format.js";
import { byId, element } from "./page.js";
import { culprit, strip, waterfall } from "./waterfall.js";

const ms = (microseconds) => microseconds / 1000;

// The rows of one list, by key. `keyOf` says which record a row is about, `rowOf` makes it.
class Requests {
  shown = new Map();

  constructor(id, keyOf, rowOf) {
    Object.assign(this, { id, keyOf, rowOf });
  }

  show(records) {
    const list = byId(`${this.id}-list`);
    byId(this.id).hidden = false;
    const wanted = new Map(records.map((record) => [this.keyOf(record), record]));
    for (const [key, { row }] of this.shown) {
      if (!wanted.has(key)) {
        row.remove();
        this.shown.delete(key);
      }
    }
    list.querySelector("p")?.remove();
    if (!wanted.size) list.append(element("p", { class: "quiet" }, "No request was recorded."));
    const rows = [...wanted].map(([key, record]) => this.current(key, record).row);
    let before = list.firstChild;
    for (const row of rows) {
      if (row === before) {
        before = before.nextSibling;
      } else {
        list.insertBefore(row, before);
      }
    }
  }

  // A group grows: its row says so without closing or losing the focus.
  current(key, record) {
    const old = this.shown.get(key);
    if (!old || old.record.time_us !== record.time_us) {
      const made = { record, row: this.rowOf(record) };
      if (old) {
        made.row.open = old.row.open;
        const focused = old.row.contains(document.activeElement);
        old.row.replaceWith(made.row);
        if (focused) made.row.firstChild.focus();
      }
      this.shown.set(key, made);
    }
    return this.shown.get(key);
  }
}

const slow = new Requests("slow", (record) => `${record.time_us} ${record.request_id}`, slowRow);
const failed = new Requests("failed", (record) => [record.client, record.fault, record.resource, record.status].join("\n"), failedRow);
export const slowRequests = (records) => slow.show(records);
export const failures = (records) => failed.show(records);

function slowRow(record) {
  const blame = culprit(record.hops_us ?? {});
  return requestRow(
    record,
    element("b", {}, format.duration(record.duration_us)),
    pill(record),
    strip(record.hops_us ?? {}),
    element("span", { class: "quiet blame" }, [blame && format.words(blame), record.client].filter(Boolean).join(", ")),
  );
}

function failedRow(record) {
  return requestRow(
    record,
    element("b", { title: `since ${format.timeOfDay(ms(record.first_us))}` }, `× ${format.count(record.weight)}`),
    pill(record),
    element("span", { class: "blame" }, record.client ?? ""),
    element("span", { class: "quiet blame" }, record.fault ? format.words(record.fault) : ""),
  );
}

const pill = (record) => element("span", { class: `pill ${safeClass(record.outcome)}` }, `${format.words(record.outcome)} ${record.status}`);

function requestRow(record, ...cells) {
  const details = element(
    "details",
    { class: "slow" },
    element("summary", {}, element("time", {}, format.timeOfDay(ms(record.time_us))), ...cells),
    waterfall(record.hops_us ?? {}),
  );
  const facts = Object.entries(record).filter(([name, value]) => typeof value !== "object" && !["type", "time_us", "first_us", "duration_us"].includes(name));
  if (record.first_us) facts.push(["first", format.timeOfDay(ms(record.first_us))], ["duration", format.duration(record.duration_us)]);
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
