// The last ten minutes as rows, kept up to date with only what is new. Pure: no page, no network.

export const OUTCOMES = ["hit", "stale", "negative_hit", "coalesced", "miss", "bypass", "held", "rejected", "shed", "failed"];
const FROM_MEMORY = ["hit", "stale", "negative_hit"];
const KEPT = 300;

export class History {
  rows = [];
  started = 0;

  // The number of the newest sample: what ?after= wants to know.
  get newest() {
    return this.rows.length ? this.rows.at(-1).number : 0;
  }

  // Takes over what one answer of /api/stats brought.
  merge(stats) {
    const came = rowsOf(stats.history);
    const goesOn = stats.started_ms === this.started && stats.history.first === this.newest + 1;
    this.started = stats.started_ms;
    this.rows = (goesOn ? [...this.rows, ...came] : came).slice(-KEPT);
  }

  // The newest figure of its kind within a minute; null: none.
  newestOf(of) {
    const end = this.rows.at(-1)?.at ?? 0;
    return this.rows.filter((row) => row.at > end - 60_000).map(of).findLast((one) => one !== null) ?? null;
  }

  whole() {
    return this.recent(Infinity);
  }

  // The rows of the last `seconds`, as one: what tiles show.
  recent(seconds) {
    const some = this.rows.filter((row) => row.at > (this.rows.at(-1)?.at ?? 0) - seconds * 1000);
    const span = some.reduce((sum, row) => sum + row.span, 0) / 1000;
    const sum = (of) => some.reduce((all, row) => all + of(row), 0);
    return { span, perSecond: (of) => (span ? sum(of) / span : 0), sum };
  }
}

function rowsOf(history) {
  return history.at_ms.map((at, i) => ({
    number: history.first + i,
    at,
    span: history.span_ms[i],
    requests: pick(history.requests, i),
    latency: Object.fromEntries(Object.entries(history.latency_us).map(([who, marks]) => [who, pick(marks, i)])),
    calls: history.upstream_calls[i],
    avoided: history.upstream_avoided[i],
    throttled: history.throttled[i],
    failures: history.upstream_failures[i],
    evictions: history.evictions[i],
    limit: history.limit[i],
    inFlight: history.in_flight[i],
    queue: history.queue[i],
    cacheBytes: history.cache_bytes[i],
  }));
}

const pick = (columns, i) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i]]));

const sum = (row, names) => names.reduce((all, name) => all + row.requests[name], 0);
export const all = (row) => sum(row, OUTCOMES);
export const fromMemory = (row) => sum(row, FROM_MEMORY);
// Each request is one of these three.
export const refused = (row) => sum(row, ["rejected", "shed"]);
export const failed = (row) => sum(row, ["failed"]);
export const served = (row) => all(row) - refused(row) - failed(row);
