// Where a request's time went, as a waterfall: each hop where the one before it ended, in the order in which they happen.

import * as format from "./format.js";
import { element } from "./page.js";

// In order; whose time it is decides the colour.
const HOPS = [
  ["read", "client"],
  ["authorise", "own"],
  ["lookup", "own"],
  ["flight_wait", "waiting"],
  ["fleet", "waiting"],
  ["hold", "waiting"],
  ["budget_wait", "waiting"],
  ["resolve", "upstream"],
  ["connect", "upstream"],
  ["egress", "upstream"],
  ["tls_handshake", "upstream"],
  ["send", "upstream"],
  ["first_byte", "upstream"],
  ["body", "upstream"],
  ["inspect", "own"],
  ["store", "own"],
  ["write", "client"],
];
const WHOSE = { own: "the gateway itself", client: "to and from the client", waiting: "waiting for another fetch or for a permit", upstream: "the upstream and the way to it" };
const known = new Map(HOPS);

const entries = (hops) => [
  ...HOPS.map(([name, whose]) => ({ name, whose, spent: hops[name] ?? 0 })),
  // Of a gateway newer than this page.
  ...Object.entries(hops).filter(([name]) => !known.has(name)).map(([name, spent]) => ({ name, whose: "own", spent })),
].filter((hop) => hop.spent > 0);

export function legend() {
  return Object.entries(WHOSE).map(([whose, prose]) => element("li", {}, element("i", { class: whose }), prose));
}

// All hops as rows.
export function waterfall(hops) {
  const spent = entries(hops);
  const whole = spent.reduce((sum, hop) => sum + hop.spent, 0);
  let at = 0;
  const rows = spent.map((hop) => {
    const bar = element("i", { class: hop.whose });
    bar.style.left = `${(at / whole) * 100}%`;
    bar.style.width = `${(hop.spent / whole) * 100}%`;
    at += hop.spent;
    return element("li", {}, element("span", {}, format.words(hop.name)), element("span", { class: "track" }, bar), element("b", {}, format.duration(hop.spent)));
  });
  return element("ul", { class: "waterfall" }, ...rows);
}

// All hops in one line.
export function strip(hops) {
  const spent = entries(hops);
  const whole = spent.reduce((sum, hop) => sum + hop.spent, 0);
  const text = spent.map((hop) => `${format.words(hop.name)} ${format.duration(hop.spent)}`).join(", ");
  const line = element("span", { class: "strip", role: "img", "aria-label": text, title: text });
  for (const hop of spent) {
    const part = element("i", { class: hop.whose });
    part.style.width = `${(hop.spent / whole) * 100}%`;
    line.append(part);
  }
  return line;
}

// The hop that took most of the time.
export function culprit(hops) {
  return entries(hops).reduce((most, hop) => (hop.spent > (most?.spent ?? 0) ? hop : most), undefined)?.name;
}

const RANKS = { p50: "Median", p99: "p99", slowest: "Slowest" };
const FEW = 10; // so few in a bucket say nothing about a rank within it: their mean does
const mean = (rank) => Object.values(rank.hops_us).reduce((all, spent) => all + spent, 0);
// Of the slowest bucket only the mean is known, so a lower rank in it is not said to be slower.
export const typical = (rank, ranks) => (rank.requests < FEW || rank.from_us === ranks.at(-1).from_us ? mean(rank) : rank.duration_us);

export function ranks(profile) {
  if (!profile.ranks.length) return [element("p", { class: "quiet" }, "No requests in this time.")];
  return profile.ranks.map((rank) => {
    const range = rank.to_us === null ? `over ${format.duration(rank.from_us)}` : `${format.duration(rank.from_us)} – ${format.duration(rank.to_us)}`;
    const many = rank.requests === 1 ? "one request" : `${format.count(rank.requests)} requests`;
    return element(
      "div",
      { class: "rank" },
      element("h3", {}, RANKS[rank.of] ?? rank.of, element("b", {}, format.duration(typical(rank, profile.ranks)))),
      element("p", { class: "quiet" }, `${many} of ${range}${rank.requests === 1 ? "" : `, ${format.duration(mean(rank))} on average`}`),
      waterfall(rank.hops_us),
    );
  });
}
