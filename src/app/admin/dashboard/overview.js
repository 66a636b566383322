// The figures of this moment: the tiles, the state beside the name, and a banner in words for each problem.

import * as format from "./format.js";
import { all, failed, fromMemory, refused, served } from "./history.js";
import { byId, element, say } from "./page.js";
import { typical } from "./waterfall.js";

const NOW_S = 10;

export function tiles(stats, history) {
  const now = history.recent(NOW_S);
  const { ranks } = stats.profiles[0];
  const rank = (of) => format.duration(ranks.filter((one) => one.of === of).map((one) => typical(one, ranks))[0]);
  const requests = now.perSecond(all);
  const share = (of) => format.percent(now.sum(of) / now.sum(all));
  const calls = now.perSecond((row) => row.calls);
  const { cache, upstream } = stats;
  const open = stats.connections.reduce((sum, one) => sum + (one.listener === "admin" ? 0 : one.open), 0);
  show([
    ["Requests", format.rate(requests), `${format.count(open)} connection${open === 1 ? "" : "s"}`],
    ["Served", share(served), now.sum(all) ? `refused ${share(refused)}, failed ${share(failed)}` : "no requests lately"],
    ["From memory", share(fromMemory), "of all requests"],
    ["Median", rank("p50"), `p99 ${rank("p99")}, last minute`],
    ["Upstream calls", format.rate(calls), requests > calls && requests ? `${format.percent(1 - calls / requests)} need none` : "\u00a0"],
    ["In flight", `${format.count(upstream.in_flight)} / ${format.count(upstream.limit)}`, upstream.queue ? `${format.count(upstream.queue)} waiting` : "none waiting"],
    ["Cache", format.percent(cache.bytes / cache.max_bytes), `${format.count(cache.entries)} entries, ${format.bytes(cache.bytes)}`],
    ...(stats.polling.calls ? [notReadyTile(stats)] : []),
    ...(stats.fleet ? [fleetTile(stats.fleet)] : []),
    ...(stats.upstreams ?? []).map(upstreamTile),
  ]);
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

const accounts = (n) => (n === 1 ? "one account" : `${format.count(n)} accounts`);

// [how bad, a word for it, what it means to readers]
function problems(stats, silentFor) {
  const found = [];
  if (silentFor > 0) {
    found.push(["critical", "No answer", `The gateway has not answered for ${format.elapsed(silentFor)}. The figures below are old.`]);
    return found;
  }
  if (!stats) return found;
  const { state } = stats;
  if (!state.ready) found.push(["warning", "Draining", "No new connections are accepted. Requests under way are finished, then the program ends."]);
  if (state.credentials_refused) found.push(["critical", "Credential refused", `Twilio refuses the credential that the gateway holds for ${accounts(state.credentials_refused)}. Its clients get 502, and nothing from memory. The log names it; put a good one into its credential_file.`]);
  if (stats.levers.length) found.push(["warning", "By hand", stats.levers.map((one) => [one.lever, one.account, one.limit, one.upstream && `at ${one.upstream}`, `ends in ${format.elapsed(one.ends_in_s)}`].filter(Boolean).join(" ")).join("; ")]);
  if (state.circuit_open) found.push(["critical", "Circuit breaker open", `The upstream failed several times in a row for ${accounts(state.circuit_open)}. Single probes ask whether it works again. Cached summaries are served, other requests get 429.`]);
  if (state.cooling_down) found.push(["warning", "Cooling down", `The upstream answered 429 to ${accounts(state.cooling_down)}, so nothing is sent for a while. Cached summaries are served, other requests wait or get 429.`]);
  if (stats.fleet && engineTrouble(stats.fleet)) found.push(["warning", "Alone", `The fleet's engine ${engineTrouble(stats.fleet)}${stats.fleet.why ? `: ${stats.fleet.why}` : ""}. Summaries, erasures and the account's limit are not shared meanwhile.`]);
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

function banners(found) {
  const where = byId("banners");
  // Read aloud when one comes or goes, not each time that its figures change.
  if (where.dataset.shown !== found.map(([, word]) => word).join()) {
    where.dataset.shown = found.map(([, word]) => word).join();
    where.replaceChildren(...found.map(([how, word]) => element("p", { class: `banner ${how}` }, element("b", {}, word), " ", element("span"))));
  }
  found.forEach(([, , meaning], i) => say(where.children[i].querySelector("span"), meaning));
}
