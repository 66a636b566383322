// Explains a call in sentences: what is kept of it, and what the next request for it does. The CallSid is in no address of this page, so the
// browser's history does not have it.

import * as format from "./format.js";
import { byId, element, say } from "./page.js";
import { TokenNeeded, get } from "./source.js";

const CALL = /^CA[0-9a-f]{32}$/i;
const many = (n, what) => `${format.count(n)} ${what}${n === 1 ? "" : "s"}`;

function ofEntry(entry) {
  const where = entry.shared ? `for ${many(entry.grants, "credential")} with a grant` : `for credential ${entry.partition}`;
  const fresh = entry.ttl > 0 ? `fresh for ${format.elapsed(entry.ttl)} more` : `${format.words(entry.freshness)}`;
  const state = entry.hidden ? "hidden" : entry.purged ? "made old by a purge or a change" : fresh;
  return [
    ["Kept", `A ${format.words(entry.kind)} answer (${entry.status}, ${format.bytes(entry.bytes)}) is kept ${where}. It is ${format.elapsed(entry.age)} old and ${state}.`],
    ["Next request", `${entry.next.why}${entry.next.setting ? ` Setting: ${entry.next.setting}.` : ""}`],
  ];
}

function ofLook(look) {
  const held = look.held_readers ? ` ${many(look.held_readers, "held reader")} wait${look.held_readers === 1 ? "s" : ""} for it.` : "";
  return ["Not ready", `The upstream was asked ${format.elapsed(look.last_ago)} ago. The next look is in ${format.elapsed(Math.max(look.next_in, 0))}: ${look.because}.${held}`];
}

// [of what, a sentence]
export function sentences(said) {
  const upstream = said.upstream;
  const stopped = [
    upstream.paused_for && `An operator has paused the upstream; the pause ends in ${format.elapsed(upstream.paused_for)}.`,
    upstream.accounts_refused && `Twilio refuses the gateway's credential for ${many(upstream.accounts_refused, "account")}.`,
    upstream.accounts_circuit_open && `The circuit breaker is open for ${many(upstream.accounts_circuit_open, "account")}.`,
    upstream.accounts_cooling_down && `${many(upstream.accounts_cooling_down, "account")} cool${upstream.accounts_cooling_down === 1 ? "s" : ""} down after a 429.`,
  ].filter(Boolean);
  return [
    ...said.entries.flatMap(ofEntry),
    ...(said.entries.length ? [] : [["Kept", "Nothing is kept of this call."]]),
    ...said.flights.map((one) => ["Fetch", `A fetch by ${one.fetched_by} is under way; ${many(one.waiting, "request")} wait${one.waiting === 1 ? "s" : ""} for it.`]),
    ...said.looks.map(ofLook),
    ...said.not_stored.map((one) => ["Not kept", `${format.elapsed(one.ago)} ago an answer was not stored: ${format.words(one.reason)}.`]),
    ["Any other credential", said.any_other_credential.why],
    ["Upstream", `${stopped.join(" ") || "It can be asked."} ${format.count(upstream.in_flight)} of ${format.count(upstream.limit)} exchanges are in use, ${upstream.waiting ? format.count(upstream.waiting) : "none"} waiting.`],
  ];
}

async function explain(locked) {
  const call = byId("explain-call").value.trim();
  const answer = byId("explain-answer");
  const tell = (text) => answer.replaceChildren(element("p", { class: "bad" }, text));
  byId("explain-call").setAttribute("aria-invalid", String(!CALL.test(call)));
  if (!CALL.test(call)) return tell("A CallSid is CA and 32 hexadecimal digits.");
  const state = byId("explain-state").value;
  try {
    const said = await get(`/api/explain?call_sid=${call}${state ? `&state=${state}` : ""}`);
    answer.replaceChildren(element("dl", {}, ...sentences(said).flatMap(([of, text]) => [element("dt", {}, of), element("dd", {}, text)])));
    say(byId("explain-at"), `as of ${format.timeOfDay(Date.now())}`);
  } catch (error) {
    if (error instanceof TokenNeeded) return locked();
    tell("The gateway did not answer. Ask again.");
  }
}

export function explains(locked) {
  byId("explain-form").addEventListener("submit", (event) => {
    event.preventDefault();
    explain(locked);
  });
}
