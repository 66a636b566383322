// The figures of this moment: the tiles, the state beside the name, and a banner in words for each problem.

import { named, probe } from "./accounts.js";
import * as format from "./format.js";
import { all, failed, fromMemory, refused, served } from "./history.js";
import { byId, element, say } from "./page.js";

const NOW_S = 10;

export function tiles(stats, history) {
  const now = history.recent(NOW_S);
  const median = (who) => format.duration(history.newestOf((row) => row.latency[who].p50));
  const requests = now.perSecond(all);
  const share = (of) => format.percent(now.sum(of) / now.sum(all));
  const calls = now.perSecond((row) => row.calls);
  const { cache, upstream } = stats;
  const open = stats.connections.reduce((sum, one) => sum + (one.listener === "admin" ? 0 : one.open), 0);
  show([
    ["Requests", format.rate(requests), `${format.count(open)} connection${open === 1 ? "" : "s"}`],
    ["Served", share(served), now.sum(all) ? `refused ${share(refused)}, failed ${share(failed)}` : "no requests lately"],
    ["From memory", share(fromMemory), "of all requests"],
    ["Median", median("memory"), `from memory; ${median("upstream")} from upstream`],
    ["Upstream calls", format.rate(calls), now.sum(served) ? `${format.percent(now.sum((row) => row.avoided) / now.sum(served))} of the served cost none` : "\u00a0"],
    ["Calls saved", format.count(saved(stats)), `since the start; ${format.count(Math.round(history.whole().perSecond((row) => row.avoided) * 3600))} per hour now`],
    ["Limit in use", format.percent(upstream.in_flight / upstream.limit), `${format.count(upstream.in_flight)} of ${format.count(upstream.limit)} at once, ${upstream.queue ? format.count(upstream.queue) : "none"} waiting`],
    ["Cache", format.percent(cache.bytes / cache.max_bytes), `${format.count(cache.entries)} ${cache.entries === 1 ? "entry" : "entries"}, ${format.bytes(cache.bytes)}`],
    ...(stats.polling.calls || stats.polling.held_readers ? [notReadyTile(stats)] : []),
    ...(stats.fleet ? [fleetTile(stats.fleet)] : []),
    ...(stats.webhook ? [webhookTile(stats)] : []),
    ...(stats.upstreams ?? []).map(upstreamTile),
  ]);
}

const saved = ({ totals }) => Object.values(totals.upstream_avoided).reduce((sum, count) => sum + count, 0);

// What Twilio delivers to the events listener.
function webhookTile({ webhook, now_ms: now }) {
  const { accepted, ...others } = webhook.deliveries;
  const refused = Object.values(others).reduce((sum, count) => sum + count, 0);
  const last = webhook.last_noted_ms ? `last ${format.elapsed(Math.max(now - webhook.last_noted_ms, 0) / 1000)} ago` : "none noted yet";
  return ["Webhook", format.count(accepted), `deliver${accepted === 1 ? "y" : "ies"}, ${last}; ${format.count(refused)} refused`];
}

// One of several upstreams.
function upstreamTile(one) {
  const waiting = one.waiting ? `${format.count(one.waiting)} waiting` : "none waiting";
  const state = one.accounts_circuit_open ? "circuit breaker open" : one.accounts_cooling_down ? "cooling down" : waiting;
  return [`Upstream ${one.name}`, `${format.count(one.in_flight)} / ${format.count(one.limit)}`, state];
}

function notReadyTile({ polling, totals }) {
  const looks = Object.values(totals.looks).reduce((sum, count) => sum + count, 0);
  return ["Not ready", `${format.count(polling.calls)} call${polling.calls === 1 ? "" : "s"}`, `${format.count(polling.held_readers)} held; ${format.count(looks)} look${looks === 1 ? "" : "s"}, ${format.count(totals.looks_saved)} saved`];
}

// Why the fleet's engine cannot be used; "": it can.
function engineTrouble(fleet) {
  if (fleet.engine !== "connected") return `is ${fleet.engine}`;
  return fleet.why ? "refuses commands" : "";
}

function fleetTile(fleet) {
  const trouble = engineTrouble(fleet);
  if (trouble) return ["Fleet", "alone", `the engine ${trouble}`];
  const sharing = fleet.shares_limit ? "one limit for all" : "each its own limit";
  return ["Fleet", `${format.count(fleet.members)} gateway${fleet.members === 1 ? "" : "s"}`, `${sharing}; this is ${fleet.replica.slice(0, 6)}`];
}

// [title, figure, what it means]
function show(list) {
  const where = byId("tiles");
  if (where.children.length !== list.length) {
    where.replaceChildren(...list.map(([title]) => element("div", { class: "tile" }, element("h2", {}, title), element("p", { class: "figure" }), element("p", { class: "quiet" }))));
  }
  list.forEach(([, figure, meaning], i) => {
    say(where.children[i].querySelector(".figure"), figure);
    where.children[i].querySelector(".figure").classList.toggle("words", figure.length > 8);
    say(where.children[i].querySelector(".quiet"), meaning);
  });
}

// What came in the last ten minutes, as far as this page knows: [how many answers could have been kept, how many the upstream forbade to keep].
const looks = [];
const LOOKED_BACK_S = 600;
const ENOUGH = 20;

function keptOut({ totals, uptime_s: now }) {
  const { found, not_ready: notReady, absent, permanent } = totals.upstream;
  if (looks.length && now < looks.at(-1).now) looks.length = 0; // another process
  looks.push({ now, answers: found + notReady + absent + permanent, forbidden: totals.not_stored.upstream_forbids });
  while (looks.length > 2 && looks[1].now <= now - LOOKED_BACK_S) looks.shift();
  const last = looks.at(-1);
  // A page that has just been opened knows only the sums.
  const first = last.now - looks[0].now < 60 ? { answers: 0, forbidden: 0 } : looks[0];
  const answers = last.answers - first.answers;
  const forbidden = last.forbidden - first.forbidden;
  return answers >= ENOUGH && forbidden > answers / 2 ? forbidden / answers : 0;
}

const NAMED = 3;
const accounts = (n) => (n === 1 ? "one account" : `${format.count(n)} accounts`);

// How many accounts, which ones, and when the next probe asks.
function whom(n, shown, circuits) {
  const about = shown.filter((one) => (circuits ? one.circuits.some((circuit) => circuits.includes(circuit.circuit)) : one.credential_refused));
  const names = about.slice(0, NAMED).map(named).join("; ");
  return `${accounts(n)}${names ? ` (${names}${about.length > NAMED ? "; …" : ""})` : ""}`;
}

function nextProbe({ ways, shown }, kinds) {
  const open = [...ways, ...shown.flatMap((one) => one.circuits)].filter((one) => kinds.includes(one.circuit));
  const soonest = open.sort((a, b) => a.probe_in_ms - b.probe_in_ms)[0];
  if (!soonest) return "";
  return `${soonest.cause ? ` Last cause: ${format.words(soonest.cause)}.` : ""} Next probe: ${probe(soonest)}.`;
}

// [how bad, a word for it, what it means to readers, the section of the runbook]
function problems(stats, silentFor) {
  const found = [];
  if (silentFor > 0) {
    found.push(["critical", "No answer", `The gateway has not answered for ${format.elapsed(silentFor)}. The figures below are old.`]);
    return found;
  }
  if (!stats) return found;
  const { state } = stats;
  const report = stats.accounts;
  const broken = ["host", "breaker"];
  const cooling = ["cool_down", "pause"];
  if (!state.ready) found.push(["warning", "Draining", "No new connections are accepted. Requests under way are finished, then the program ends.", "summarygatewaydrainstoolong"]);
  if (state.credentials_refused) found.push(["critical", "Credential refused", `Twilio refuses the credential that the gateway holds for ${whom(state.credentials_refused, report.shown)}. Its clients get 502, and nothing from memory. Put a good one into its credential_file.`, "summarygatewaycredentialrefused"]);
  if (stats.levers.length) found.push(["warning", "By hand", stats.levers.map((one) => [one.lever, one.account, one.limit, one.upstream && `at ${one.upstream}`, `ends in ${format.elapsed(one.ends_in_s)}`].filter(Boolean).join(" ")).join("; ")]);
  if (state.circuit_open) found.push(["critical", "Circuit breaker open", `The upstream failed several times in a row for ${whom(state.circuit_open, report.shown, broken)}. Single probes ask whether it works again. Cached summaries are served, other requests get 429.${nextProbe(report, broken)}`, "summarygatewaycircuitopen"]);
  if (state.cooling_down) found.push(["warning", "Cooling down", `The upstream asked ${whom(state.cooling_down, report.shown, cooling)} to pause, so nothing is sent for a while. Cached summaries are served, other requests wait or get 429.${nextProbe(report, cooling)}`, "summarygatewaycoolingdown"]);
  if (stats.fleet && engineTrouble(stats.fleet)) found.push(["warning", "Alone", `The fleet's engine ${engineTrouble(stats.fleet)}${stats.fleet.why ? `: ${stats.fleet.why}` : ""}. Summaries, erasures and the account's limit are not shared meanwhile.`, "summarygatewayfleetalone"]);
  const share = keptOut(stats);
  if (share) found.push(["warning", "Not cached", `The upstream's Cache-Control forbids to store ${format.percent(share)} of its answers, so each reader costs an upstream call. The setting cache.honour_upstream says which directives are obeyed.`]);
  return found;
}

export function state(stats, silentFor) {
  const found = problems(stats, silentFor);
  const pill = byId("state");
  const word = found[0]?.[1].toLowerCase() ?? (stats ? "ready" : "connecting");
  say(pill, word);
  pill.className = `pill ${found[0]?.[0] ?? (stats ? "good" : "")}`;
  document.title = [found[0]?.[1], stats?.gateway.host, "summary-gateway"].filter(Boolean).join(" – ");
  document.body.classList.toggle("old", silentFor > 0);
  if (stats) say(byId("about"), identity(stats));
  banners(found);
}

function identity({ gateway, fleet, version, uptime_s: up }) {
  const where = [gateway.host, `asks ${gateway.upstream}`, `mode ${gateway.mode}`, fleet?.replica && `replica ${fleet.replica.slice(0, 6)}`];
  return [...where, `version ${version}`, `up ${format.elapsed(up)}`].filter(Boolean).join(", ");
}

const runbook = (word, section) => element("a", { href: `/dashboard/runbook.html#${section}`, target: "_blank", rel: "noopener", "aria-label": `Runbook: ${word}` }, "Runbook");

function banners(found) {
  const where = byId("banners");
  // Read aloud when one comes or goes, not each time that its figures change.
  if (where.dataset.shown !== found.map(([, word]) => word).join()) {
    where.dataset.shown = found.map(([, word]) => word).join();
    where.replaceChildren(...found.map(([how, word, , section]) => element("p", { class: `banner ${how}` }, element("b", {}, word), " ", element("span"), ...(section ? [" ", runbook(word, section)] : []))));
  }
  found.forEach(([, , meaning], i) => say(where.children[i].querySelector("span"), meaning));
}
