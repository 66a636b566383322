// Which policy would be better: what the setting shadow estimates, as curves by size and by freshness, and as a table with all figures.

import * as format from "./format.js";
import { byId, element } from "./page.js";

const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, B: 1, d: 86400, h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6 };
const AXES = { max_bytes: "cache.max_bytes", fresh_for: "cache.fresh_for" };
const COLUMNS = ["policy", "max_bytes", "fresh_for", "sharing", "hit ratio", "upstream calls"];
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = {}; // the charts, by axis

// "1h30m", "512MiB"
const amount = (text) => [...text.matchAll(/(\d+)([A-Za-z]+)/g)].reduce((sum, [, number, unit]) => sum + number * UNITS[unit], 0);

export function shadow(said) {
  byId("shadow").hidden = said.policies.length === 0;
  if (!said.policies.length) return;
  for (const axis of Object.keys(AXES)) curve(axis, said.policies);
  byId("shadow-about").textContent =
    `${format.count(said.requests)} requests since ${new Date(said.since).toLocaleString("en-GB")}; ` +
    (said.sample_rate === 1 ? "exact: each call is looked at" : `estimated from ${format.percent(said.sample_rate)} of the calls`) +
    (said.lost ? `; ${format.count(said.lost)} lost` : "");
  byId("shadow-table").replaceChildren(table(said.policies));
}

function curve(axis, policies) {
  const rows = policies.filter((one) => one.policy === axis || one.policy === "present").sort((a, b) => amount(a[axis]) - amount(b[axis]));
  const canvas = byId(`shadow-${axis}`);
  canvas.parentElement.hidden = rows.length < 2;
  if (rows.length < 2) return;
  canvas.setAttribute("aria-label", `Hit ratio by ${AXES[axis]}: ${rows.map((one) => `${one[axis]} ${format.percent(one.hit_ratio)}`).join(", ")}`);
  const labels = rows.map((one) => (one.policy === "present" ? [one[axis], "present"] : one[axis]));
  const points = rows.map((one) => one.hit_ratio);
  const sizes = rows.map((one) => (one.policy === "present" ? 6 : 3));
  // Anew only if the values are others, or the colours.
  const key = JSON.stringify([labels, style("--hit")]);
  if (drawn[axis]?.key !== key) {
    drawn[axis]?.chart.destroy();
    drawn[axis] = { key, chart: new Chart(canvas, { type: "line", data: { labels, datasets: [dataset(points)] }, options: options(AXES[axis]) }) };
  }
  const { chart } = drawn[axis];
  chart.data.datasets[0].data = points;
  chart.data.datasets[0].pointRadius = sizes;
  chart.update("none");
}

function dataset(data) {
  const color = style("--hit");
  return { data, borderColor: color, backgroundColor: color, borderWidth: 1.75, pointBackgroundColor: color };
}

function options(title) {
  const text = { color: style("--quiet"), font: { size: 11 }, maxRotation: 0 };
  return {
    animation: false,
    maintainAspectRatio: false,
    scales: {
      x: { title: { display: true, text: title, color: style("--quiet") }, grid: { display: false, drawBorder: false }, ticks: text },
      y: { grace: "10%", max: 1, grid: { color: style("--grid"), drawBorder: false }, ticks: { ...text, maxTicksLimit: 5, callback: format.percent } },
    },
    plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => ` ${format.percent(item.parsed.y)}` } } },
  };
}

function table(policies) {
  const head = element("tr", {}, ...COLUMNS.map((name) => element("th", { scope: "col" }, name)));
  const rows = policies.map((one) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, format.words(one.policy)),
      ...["max_bytes", "fresh_for", "sharing"].map((name) => element("td", {}, one[name])),
      element("td", {}, format.percent(one.hit_ratio)),
      element("td", {}, format.count(one.upstream_calls)),
    ),
  );
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}
