// The plots over time: Chart.js draws, this says what. Each has a legend in text with the newest figures, for those who cannot see it.

import * as format from "./format.js";
import { OUTCOMES, all, failed, fromMemory, refused, served } from "./history.js";
import { element, say } from "./page.js";

const WINDOWS_S = [60, 120, 300, 600]; // the shortest that holds all there is
const Y_WIDTH = 56; // alike, so that the same moment stands at the same place in all plots
const GAP_S = 12; // a line goes on over so many seconds without a figure
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const perSecond = (of) => (row) => (of(row) * 1000) / row.span;
const share = (of) => (row) => (all(row) ? of(row) / all(row) : null);
const calls = (row) => Math.max(row.calls - row.throttled - row.failures, 0);

// Of each plot: what its lines are; `of` a row of the history gives a value or null.
const PLOTS = {
  requests: {
    stacked: true,
    show: format.rate,
    lines: OUTCOMES.map((name) => ({ name: format.words(name), color: `--${name}`, of: perSecond((row) => row.requests[name]), area: true, rare: true })),
  },
  latency: {
    logarithmic: true,
    atLeast: [10, 100_000],
    show: format.duration,
    lines: [
      ["memory", "--hit"],
      ["upstream", "--upstream"],
    ].flatMap(([who, color]) => [
      { name: `${who} median`, color, of: (row) => row.latency[who].p50 },
      { name: `${who} p99`, color, of: (row) => row.latency[who].p99, dashed: true },
    ]),
  },
  ratio: {
    stacked: true,
    max: 1,
    show: format.percent,
    lines: [
      { name: "from memory", color: "--hit", of: share(fromMemory), area: true },
      { name: "served otherwise", color: "--miss", of: share((row) => served(row) - fromMemory(row)), area: true },
      { name: "refused", color: "--shed", of: share(refused), area: true },
      { name: "failed", color: "--failed", of: share(failed), area: true },
    ],
  },
  upstream: {
    show: format.count,
    whole: true,
    atLeast: [0, 4],
    lines: [
      { name: "in flight", color: "--upstream", of: (row) => row.inFlight, area: true },
      { name: "waiting", color: "--shed", of: (row) => row.queue, axis: "right" },
      { name: "limit", color: "--limit", of: (row) => row.limit, stepped: true, dashed: true },
    ],
  },
  calls: {
    stacked: true,
    show: format.rate,
    lines: [
      { name: "answered", color: "--upstream", of: perSecond(calls), area: true },
      { name: "429", color: "--shed", of: perSecond((row) => row.throttled), area: true, rare: true },
      { name: "failed", color: "--failed", of: perSecond((row) => row.failures), area: true, rare: true },
    ],
  },
  cache: {
    show: format.bytes,
    binary: true,
    atLeast: [0, 2 ** 20],
    lines: [
      { name: "fill", color: "--hit", of: (row) => row.cacheBytes, area: true },
      { name: "evictions", color: "--failed", of: perSecond((row) => row.evictions), show: format.rate, axis: "right", rare: true },
    ],
  },
};

class Plot {
  constructor(name) {
    this.what = PLOTS[name];
    const card = document.getElementById(`chart-${name}`);
    this.legend = element("ul", { class: "legend" });
    this.canvas = element("canvas", { role: "img", "aria-label": `${card.querySelector("h2").textContent}, the last ten minutes as a plot` });
    card.append(this.legend, element("div", { class: "plot" }, this.canvas));
    this.draw([]);
  }

  // Anew: at the start, and when the colours change.
  draw(rows) {
    this.chart?.destroy();
    this.chart = new Chart(this.canvas, { type: "line", data: { datasets: this.what.lines.map((line) => dataset(line, this.what)) }, options: options(this.what) });
    this.update(rows);
  }

  update(rows) {
    const end = rows.at(-1)?.at ?? Date.now();
    const past = rows.length ? (end - rows[0].at) / 1000 : 0;
    const seconds = WINDOWS_S.find((one) => one >= past) ?? WINDOWS_S.at(-1);
    const { x } = this.chart.options.scales;
    x.min = end / 1000 - seconds;
    x.max = end / 1000;
    this.rows = rows;
    this.what.lines.forEach((line, i) => {
      this.chart.data.datasets[i].data = rows.map((row) => ({ x: row.at / 1000, y: line.of(row), at: row.at }));
    });
    const aside = this.what.lines.find((line) => line.axis === "right");
    if (aside) {
      const shown = rows.some((row) => aside.of(row) > 0);
      this.chart.options.scales.right.display = shown;
      this.chart.data.datasets[this.what.lines.indexOf(aside)].hidden = !shown;
    }
    this.chart.update("none");
    this.tell(rows);
  }

  tell(rows) {
    const shown = this.what.lines.filter((line) => !line.rare || rows.some((row) => line.of(row) > 0));
    if (this.legend.children.length !== shown.length || shown.some((line, i) => this.legend.children[i].dataset.name !== line.name)) {
      this.legend.replaceChildren(...shown.map((line) => legendItem(line)));
    }
    shown.forEach((line, i) => {
      const value = rows.length ? line.of(rows.at(-1)) : null;
      say(this.legend.children[i].querySelector("b"), value === null ? "–" : (line.show ?? this.what.show)(value));
    });
  }
}

function legendItem(line) {
  const swatch = element("i", { class: line.dashed ? "dashed" : "" });
  swatch.style.setProperty("--color", `var(${line.color})`);
  const item = element("li", {}, swatch, `${line.name} `, element("b"));
  item.dataset.name = line.name;
  return item;
}

function dataset(line, what) {
  const color = style(line.color);
  return {
    label: line.name,
    data: [],
    yAxisID: line.axis ?? "y",
    show: line.show ?? what.show,
    borderColor: color,
    backgroundColor: what.stacked ? color : `${color}26`,
    borderWidth: what.stacked ? 0 : line.dashed ? 1.25 : 1.75,
    borderDash: line.dashed ? [4, 3] : [],
    fill: line.area ? (what.stacked ? "stack" : "origin") : false,
    stepped: line.stepped ? "before" : false,
    spanGaps: what.stacked ? false : GAP_S,
    pointRadius: isolated,
    pointBackgroundColor: color,
    pointHoverRadius: 3,
    pointHitRadius: 6,
  };
}

// A figure whose neighbours are too far away for a line shows as a point.
function isolated(context) {
  const { data } = context.dataset;
  const i = context.dataIndex;
  const far = (other) => !other || other.y === null || other.y === undefined;
  return data[i] && data[i].y !== null && far(data[i - 1]) && far(data[i + 1]) ? 1.5 : 0;
}

function options(what) {
  const grid = { color: style("--grid"), drawBorder: false, tickLength: 0 };
  const text = { color: style("--quiet"), font: { size: 11 }, padding: 6, maxRotation: 0 };
  const y = {
    type: what.logarithmic ? "logarithmic" : "linear",
    stacked: what.stacked ?? false,
    beginAtZero: true,
    afterFit: (scale) => (scale.width = Y_WIDTH),
    max: what.max,
    suggestedMin: what.atLeast?.[0],
    suggestedMax: what.atLeast?.[1],
    grid,
    ticks: { ...text, maxTicksLimit: 5, precision: what.whole ? 0 : undefined, callback: (value) => what.show(value) },
  };
  if (what.logarithmic) y.afterBuildTicks = decades;
  if (what.binary) y.afterBuildTicks = halves;
  const scales = {
    x: {
      type: "linear",
      grid: { display: false, drawBorder: false },
      afterBuildTicks: roundTimes,
      ticks: { ...text, autoSkip: false, callback: (s) => format.timeOfDay(s * 1000).slice(0, (s % 60 ? 8 : 5)) },
    },
    y,
  };
  const aside = what.lines.find((line) => line.axis === "right");
  if (aside)
    scales.right = {
      position: "right",
      beginAtZero: true,
      suggestedMax: aside.show ? 1 : 4,
      display: false,
      grid: { display: false, drawBorder: false },
      title: { display: true, text: aside.name, color: style("--quiet"), font: { size: 11 } },
      ticks: { ...text, maxTicksLimit: 4, precision: aside.show ? undefined : 0, callback: aside.show ?? what.show },
    };
  return {
    animation: false,
    parsing: false,
    normalized: true,
    maintainAspectRatio: false,
    clip: 4,
    interaction: { mode: "index", intersect: false, axis: "x" },
    scales,
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: style("--tip"),
        titleColor: style("--tip-text"),
        bodyColor: style("--tip-text"),
        boxPadding: 4,
        boxWidth: 8,
        boxHeight: 8,
        padding: 8,
        filter: (item) => item.raw.y !== null && (item.raw.y > 0 || !what.stacked),
        callbacks: {
          title: (items) => (items.length ? format.timeOfDay(items[0].raw.at) : ""),
          label: (item) => ` ${item.dataset.label}  ${item.dataset.show(item.raw.y)}`,
        },
      },
    },
  };
}

// Round times of the clock, with room for their labels.
function roundTimes(scale) {
  const span = scale.max - scale.min;
  const step = [20, 60, 120].find((one) => span / one <= 5) ?? 120;
  const first = Math.ceil((scale.min + span / 30) / step);
  scale.ticks = Array.from({ length: 5 }, (_, i) => ({ value: (first + i) * step })).filter((tick) => tick.value <= scale.max - span / 30);
}

// 10 µs, 100 µs, 1 ms …
function decades(scale) {
  scale.ticks = scale.ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick.value) * 1e6) / 1e6));
}

// Round numbers of bytes are powers of two.
function halves(scale) {
  const step = 2 ** Math.ceil(Math.log2(Math.max(scale.max, 1) / 4));
  scale.ticks = [0, 1, 2, 3, 4].map((n) => ({ value: n * step })).filter((tick) => tick.value <= scale.max);
}

export class Charts {
  constructor() {
    Chart.defaults.font.family = style("--sans");
    this.plots = Object.fromEntries(Object.keys(PLOTS).map((name) => [name, new Plot(name)]));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  redraw() {
    for (const plot of Object.values(this.plots)) plot.draw(plot.rows);
  }

  update(rows) {
    for (const plot of Object.values(this.plots)) plot.update(rows);
  }
}
