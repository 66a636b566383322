// Asks every two seconds while anybody looks, and shows what came.

import * as accounts from "./accounts.js";
import { Charts } from "./charts.js";
import { clients } from "./clients.js";
import { explains } from "./explain.js";
import { hands, showOperator } from "./hands.js";
import { History } from "./history.js";
import * as lists from "./lists.js";
import { byId, choice, say } from "./page.js";
import { TokenNeeded, get, token } from "./source.js";
import * as overview from "./overview.js";
import { shadow } from "./shadow.js";
import * as waterfall from "./waterfall.js";

const EVERY_MS = 2000;
const SILENT_AFTER_S = 7;
const RECORDED = "/api/slow?limit=400"; // with samples among them

const SLOW_US = 50_000;
const MOST_SHOWN = 25;

const history = new History();
const charts = new Charts();
let stats = null; // the last answer
let heardAt = performance.now(); // when it came
let profileOf = 0; // which window of stats.profiles
let paused = false;
let asking = false;

function show() {
  byId("content").hidden = false;
  byId("token").hidden = true;
  byId("links").hidden = Boolean(token.get()); // a link sends no token
  overview.tiles(stats, history);
  charts.update(history.rows);
  lists.faults(stats.totals);
  accounts.accounts(stats.accounts);
  clients(stats.clients);
  lists.circuits(stats.fleet?.circuits ?? []);
  showProfile();
  showStanding();
}

function showProfile() {
  if (stats) byId("ranks").replaceChildren(...waterfall.ranks(stats.profiles[profileOf]));
}

function showStanding() {
  if (isLocked()) return;
  const silentFor = paused || document.hidden ? 0 : (performance.now() - heardAt) / 1000;
  overview.state(stats, silentFor > SILENT_AFTER_S ? silentFor : 0);
  if (stats) say(byId("updated"), `${paused ? "paused at" : "as of"} ${new Date(stats.now_ms).toLocaleTimeString("en-GB")}`);
}

async function ask() {
  if (asking || paused || document.hidden || isLocked()) return;
  asking = true;
  try {
    stats = await get(`/api/stats?after=${history.newest}`);
    // Another life of the gateway counts from 1 again: ask for all of it.
    if (history.newest && stats.started_ms !== history.started) {
      stats = await get("/api/stats");
      lists.forgetEvents();
    }
    history.merge(stats);
    heardAt = performance.now();
    show();
    showOperator(await get("/api/whoami"));
    lists.events((await get(lists.eventsAfter())).events);
    const recorded = (await get(RECORDED)).requests;
    lists.slowRequests(recorded.filter((one) => !one.first_us && one.duration_us >= SLOW_US).slice(0, MOST_SHOWN));
    lists.failures(recorded.filter((one) => one.first_us).slice(0, MOST_SHOWN));
    shadow(await get("/api/shadow"));
  } catch (error) {
    if (error instanceof TokenNeeded) lock();
  } finally {
    asking = false;
    showStanding();
  }
}

// --- the token --------------------------------------------------------------------------------------------------------
const isLocked = () => !byId("token").hidden;

function lock() {
  say(byId("state"), "locked");
  say(byId("token-verdict"), token.get() ? "That token was not accepted." : "");
  token.forget();
  byId("token").hidden = false;
  byId("content").hidden = true;
  byId("links").hidden = true;
  byId("token-text").focus();
}

byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(byId("token-text").value.trim());
  byId("token-text").value = "";
  byId("token").hidden = true;
  ask();
});

// --- choices ----------------------------------------------------------------------------------------------------------
choice(document.querySelector("#profile .choice"), (button) => {
  profileOf = Number(button.dataset.window);
  showProfile();
});
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  say(byId("pause"), paused ? "Resume" : "Pause");
  askAgain();
});
document.addEventListener("visibilitychange", askAgain);

// After a time in which nothing was asked, the silence was ours.
function askAgain() {
  heardAt = performance.now();
  showStanding();
  ask();
}

explains(lock);
hands(lock);
byId("accounts-head").replaceChildren(...accounts.head());
byId("profile-legend").replaceChildren(...waterfall.legend());
setInterval(ask, EVERY_MS);
setInterval(showStanding, 1000);
ask();
