// The accounts at the upstream as a table: what each may send, what it sends, what stops it and until when. Rows stay, so that their links
// keep the focus.

import * as format from "./format.js";
import { byId, element, say, track } from "./page.js";

// Of what stops requests: [a word for it, how bad, why, the section about it].
const STOPS = {
  refused: ["credential refused", "critical", "Twilio refuses the credential", "summarygatewaycredentialrefused"],
  host: ["out of reach", "critical", "", "summarygatewaycircuitopen"],
  breaker: ["circuit open", "critical", "", "summarygatewaycircuitopen"],
  cool_down: ["cooling down", "warning", "429", "summarygatewaycoolingdown"],
  pause: ["paused", "warning", "503 with Retry-After", "summarygatewaycoolingdown"],
};
const QUEUES = ["queueing", "warning", "the limit is used up", "summarygatewayqueuesaturated"];
const FREE = ["circuit closed", "good", "", ""];
const COLUMNS = ["account", "limit in use", "waiting", "state", "next probe", "last cause", "what to do"];
const RUNBOOK = "/dashboard/runbook.html#";

export const named = (one) => [one.upstream, one.account ?? "all accounts"].filter(Boolean).join(", ");

// The next probe in words.
export function probe(circuit) {
  if (circuit.probe === "this") return "under way";
  if (circuit.probe === "another") return "another gateway's";
  return circuit.probe_in_ms > 0 ? `in ${format.elapsed(Math.ceil(circuit.probe_in_ms / 1000))}` : "the next request";
}

// One row for each thing that stops an account, or one that says that nothing does: [who, circuit or null, what stops it].
function states({ ways, shown }) {
  const open = (one, circuits) => circuits.map((circuit) => [one, circuit, STOPS[circuit.circuit]]);
  return [
    ...ways.flatMap((one) => open(one, [one])),
    ...shown.flatMap((one) => {
      const stopped = [...(one.credential_refused ? [[one, null, STOPS.refused]] : []), ...open(one, one.circuits)];
      return stopped.length ? stopped : [[one, null, one.waiting ? QUEUES : FREE]];
    }),
  ];
}

// Of each cell: {text} and what it is made of.
function cells([one, circuit, [word, how, why, section]]) {
  const cause = circuit?.cause ? { text: format.words(circuit.cause), link: circuit.cause } : { text: why || "–" };
  return [
    { text: named(one) },
    one.limit === undefined ? { text: "–" } : { text: `${format.count(one.in_flight)} of ${format.count(one.limit)}`, share: one.in_flight / one.limit },
    { text: one.waiting === undefined ? "–" : format.count(one.waiting) },
    { text: word, pill: how, more: circuit ? [circuit.resource, `for ${format.elapsed(circuit.since_s)}`].filter(Boolean).map(format.words).join(" ") : "" },
    { text: circuit ? probe(circuit) : "–" },
    cause,
    section ? { text: "Runbook", link: section, label: `Runbook: what to do about ${named(one)}, ${word}` } : { text: "–" },
  ];
}

const shownRows = new Map(); // by key: {row, made: what its cells are made of}

export function accounts(report) {
  const list = states(report);
  byId("accounts").hidden = !list.length;
  say(byId("accounts-more"), report.known > report.shown.length ? `${format.count(report.known - report.shown.length)} more are idle or less busy.` : "");
  const where = byId("accounts-rows");
  const wanted = new Map(list.map((state) => [[named(state[0]), state[1]?.circuit, state[1]?.resource, state[2] === STOPS.refused].join("\n"), state]));
  for (const [key, { row }] of shownRows) {
    if (wanted.has(key)) continue;
    row.remove();
    shownRows.delete(key);
  }
  let before = where.firstChild;
  for (const [key, state] of wanted) {
    const row = current(key, cells(state));
    if (row === before) before = before.nextSibling;
    else where.insertBefore(row, before);
  }
  tellOf(list);
}

function current(key, made) {
  if (!shownRows.has(key)) {
    const row = element("tr", {}, ...COLUMNS.map((title, i) => element(i ? "td" : "th", { ...(i ? {} : { scope: "row" }), "data-title": title })));
    shownRows.set(key, { row, made: [] });
  }
  const { row, made: old } = shownRows.get(key);
  made.forEach((cell, i) => {
    if (JSON.stringify(cell) !== JSON.stringify(old[i])) row.children[i].replaceChildren(...content(cell));
  });
  shownRows.get(key).made = made;
  return row;
}

function content({ text, link, label, pill, more, share }) {
  if (link) return [element("a", { href: RUNBOOK + link, target: "_blank", rel: "noopener", ...(label ? { "aria-label": label } : {}) }, text)];
  if (pill) return [element("span", { class: `pill ${pill}` }, text), ...(more ? [element("span", { class: "quiet" }, ` ${more}`)] : [])];
  return share === undefined ? [text] : [text, track(share)];
}

// What has changed, for those who hear the page.
let told = null;
function tellOf(list) {
  const now = new Map();
  for (const [one, , [word]] of list) now.set(named(one), [...(now.get(named(one)) ?? []), word]);
  const news = [...now].filter(([who, words]) => told && (told.get(who) ?? [FREE[0]]).join() !== words.join());
  if (news.length) say(byId("said"), news.map(([who, words]) => `${who}: ${words.join(", ")}.`).join(" "));
  told = now;
}

export function head() {
  return COLUMNS.map((title) => element("th", { scope: "col" }, title));
}
