#include "core/telemetry/stats_json.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"

namespace gateway {
namespace {

std::int64_t rounded_us(std::chrono::nanoseconds span) { return std::chrono::round<std::chrono::microseconds>(span).count(); }
std::int64_t unix_ms(wall_time at) { return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count(); }

void number_list(std::string& out, const auto& items, auto&& of) {
  json_list(out, items, [&](auto const& item) { append_number(out, of(item)); });
}

// Appends a member for each value of an enum.
template <class Enum, class Cells, class Write>
void by_name(std::string& out, const Cells& cells, Write&& write) {
  json_object object{out};
  for (std::size_t i = 0; i < std::size(cells); ++i) {
    object.begin(name_of(static_cast<Enum>(i)));
    write(cells[i]);
  }
}

template <class Enum, class Cells>
void counts(std::string& out, const Cells& cells) {
  by_name<Enum>(out, cells, [&](std::uint64_t count) { append_number(out, count); });
}

template <class Enum, class Histograms>
void histograms(std::string& out, const Histograms& all) {
  by_name<Enum>(out, all, [&](const histogram_of<std::uint64_t>& one) {
    json_object object{out};
    object.begin("buckets");
    number_list(out, one.buckets, std::identity{});
    object.number("sum_us", one.sum_ns / 1000);
  });
}

void totals(std::string& out, const metrics_snapshot& counted) {
  auto const& all = counted.totals;
  std::array<std::uint64_t, outcome_count> by_outcome{};
  for (std::size_t o = 0; o < outcome_count; ++o) {
    for (auto const with_status : all.requests[o]) by_outcome[o] += with_status;
  }
  std::uint64_t refused = 0;
  for (auto const count : all.connections_refused) refused += count;
  json_object object{out};
  object.begin("requests"), counts<outcome>(out, by_outcome);
  object.begin("faults"), counts<fault>(out, all.faults);
  object.begin("upstream"), counts<upstream_result>(out, all.upstream);
  object.begin("upstream_avoided"), counts<avoided_by>(out, all.avoided);
  object.begin("sheds"), counts<shed_reason>(out, counted.limiter.sheds);
  object.begin("retries"), counts<retry_reason>(out, all.retries);
  object.begin("handshakes"), counts<handshake_kind>(out, all.handshakes);
  object.begin("client_handshakes"), counts<handshake_kind>(out, all.client_handshakes);
  object.begin("not_stored"), counts<not_stored>(out, all.not_stored);
  object.begin("evictions"), counts<eviction>(out, counted.cache.evictions);
  object.begin("looks"), counts<look_result>(out, all.looks);
  object.number("looks_saved", all.looks_saved);
  object.number("cool_downs", counted.limiter.cool_downs);
  object.number("breaks", counted.limiter.breaks);
  object.number("connections_accepted", all.connections_accepted);
  object.number("connections_refused", refused);
  object.number("credential_reloads_failed", counted.access_failures);
}

void rank(std::string& out, std::string_view name, const latency_profile& of) {
  json_object object{out};
  object.text("of", name);
  object.number("duration_us", rounded_us(of.rank));
  object.number("requests", of.requests);
  object.number("from_us", rounded_us(of.from));
  object.begin("to_us");
  if (of.to == std::chrono::nanoseconds::max()) {
    out += "null";
  } else {
    append_number(out, rounded_us(of.to));
  }
  object.begin("hops_us");
  by_name<hop>(out, of.hops, [&](std::chrono::nanoseconds spent) { append_number(out, rounded_us(spent)); });
}

void profiles(std::string& out, const history& past) {
  struct named {
    std::string_view name;
    double q;
  };
  static constexpr std::array ranks{named{"p50", 0.5}, named{"p99", 0.99}, named{"slowest", 1}};
  static constexpr std::array<std::chrono::minutes, 2> lengths{std::chrono::minutes{1}, std::chrono::minutes{10}};
  json_list(out, lengths, [&](std::chrono::minutes length) {
    auto const window = past.since(length);
    json_object object{out};
    object.number("window_s", whole_seconds(window.length).count());
    object.begin("ranks");
    out += '[';
    std::string_view comma;
    for (auto const& [name, q] : ranks) {
      auto const found = profile(window.sums, q);
      if (!found) continue;
      out += std::exchange(comma, ",");
      rank(out, name, *found);
    }
    out += ']';
  });
}

using samples = std::vector<history_sample>;

void percentile(std::string& out, const samples& list, std::size_t who, std::uint32_t history_sample::percentiles::*which) {
  json_list(out, list, [&](const history_sample& one) {
    auto const value = one.latency[who].*which;
    if (value == 0) {
      out += "null";
    } else {
      append_number(out, value);
    }
  });
}

void past_samples(std::string& out, const samples& list, std::uint64_t next) {
  using sample = history_sample;
  json_object object{out};
  auto const column = [&](std::string_view name, auto sample::*which) {
    object.begin(name);
    number_list(out, list, [which](const sample& one) { return one.*which; });
  };
  object.number("interval_ms", std::chrono::milliseconds{history::interval}.count());
  object.number("first", list.empty() ? next : list.front().number);
  column("at_ms", &sample::at_ms);
  column("span_ms", &sample::span_ms);
  object.begin("requests");
  {
    json_object by_outcome{out};
    for (std::size_t o = 0; o < outcome_count; ++o) {
      by_outcome.begin(name_of(static_cast<outcome>(o)));
      number_list(out, list, [o](const sample& one) { return one.requests[o]; });
    }
  }
  object.begin("latency_us");
  {
    json_object by_source{out};
    for (std::size_t who = 0; who < answered_by_count; ++who) {
      by_source.begin(name_of(static_cast<answered_by>(who)));
      json_object marks{out};
      marks.begin("p50"), percentile(out, list, who, &sample::percentiles::p50_us);
      marks.begin("p90"), percentile(out, list, who, &sample::percentiles::p90_us);
      marks.begin("p99"), percentile(out, list, who, &sample::percentiles::p99_us);
    }
  }
  column("upstream_calls", &sample::upstream_calls);
  column("upstream_avoided", &sample::upstream_avoided);
  column("throttled", &sample::throttled);
  column("upstream_failures", &sample::upstream_failures);
  column("evictions", &sample::evictions);
  column("limit", &sample::limit);
  column("in_flight", &sample::in_flight);
  column("queue", &sample::queue);
  column("cache_bytes", &sample::cache_bytes);
}

void state(std::string& out, const metrics_snapshot& counted) {
  json_object object{out};
  object.flag("ready", counted.ready);
  object.number("cooling_down", counted.limiter.cooling_down);
  object.number("circuit_open", counted.limiter.broken);
  object.number("credentials_refused", counted.credentials_refused);
}

void cache(std::string& out, const metrics_snapshot& counted) {
  json_object object{out};
  object.number("bytes", counted.cache.bytes);
  object.number("max_bytes", counted.cache_max_bytes);
  object.number("entries", counted.cache.entries);
}

void upstream(std::string& out, const metrics_snapshot& counted) {
  json_object object{out};
  object.number("limit", counted.limiter.limit);
  object.number("max_in_flight", counted.upstream_max_in_flight);
  object.number("in_flight", counted.limiter.in_flight);
  object.number("queue", counted.limiter.waiting);
  object.number("flights", counted.flights);
  object.number("reported_concurrency", counted.upstream_reported_concurrency);
  object.number("idle_connections", counted.upstream_idle);
}

void connections(std::string& out, const metrics_snapshot& counted) {
  json_list(out, counted.connections, [&](const listener_connections& one) {
    json_object listener{out};
    listener.text("listener", one.listener);
    listener.number("open", one.open);
  });
}

// Calls whose summary is not ready, and their readers.
void polling(std::string& out, const metrics_snapshot& counted) {
  json_object object{out};
  object.number("calls", counted.polled_calls);
  object.number("held_readers", counted.held_readers);
}

// This gateway as a member of a fleet.
void fleet(std::string& out, const metrics_snapshot& counted) {
  json_object object{out};
  object.text("engine", name_of(counted.engine->state));
  object.text("why", counted.engine->why_not);
  object.flag("shares_limit", counted.budget && !counted.budget->alone);
  if (counted.budget) object.begin("circuits"), append_circuits(out, *counted.budget);
  if (!counted.marks) return;
  object.text("replica", counted.marks->replica);
  object.number("members", counted.marks->members.size());
  object.number("marks_pending", counted.marks->pending);
}

// The listener for Twilio's events.
void webhook(std::string& out, const event_figures& counted) {
  json_object object{out};
  object.begin("deliveries"), counts<delivery_result>(out, counted.deliveries);
  std::uint64_t noted = 0;
  for (auto const& of_type : counted.events) noted += of_type[static_cast<std::size_t>(event_result::noted)];
  object.number("noted", noted);
  object.number("last_noted_ms", static_cast<std::int64_t>(counted.last_noted_seconds * 1000));
}

void names(std::string& out, const gateway_identity& who) {
  json_object object{out};
  object.text("host", who.host);
  object.text("upstream", who.upstream);
  object.text("mode", who.mode);
}

}  // namespace

std::string stats_json(const stats_view& view) {
  auto const& counted = view.counted;
  auto const started_ms = static_cast<std::int64_t>(counted.start_time_seconds * 1000);
  auto const now_ms = unix_ms(view.now);
  std::string out;
  out.reserve(32 * 1024);
  {
    json_object object{out};
    object.number("now_ms", now_ms);
    object.number("started_ms", started_ms);
    object.text("version", counted.version);
    object.number("uptime_s", std::max<std::int64_t>(now_ms - started_ms, 0) / 1000);
    object.begin("gateway"), names(out, view.who);
    object.begin("state"), state(out, counted);
    object.begin("totals"), totals(out, counted);
    object.begin("bounds_us"), number_list(out, duration_bounds, [](std::int64_t ns) { return ns / 1000; });
    object.begin("durations"), histograms<outcome>(out, counted.totals.durations);
    object.begin("hops"), histograms<hop>(out, counted.totals.hops);
    object.begin("profiles"), profiles(out, view.past);
    object.begin("cache"), cache(out, counted);
    object.begin("upstream"), upstream(out, counted);
    if (!counted.upstreams.empty()) object.begin("upstreams"), append_upstreams(out, counted.upstreams);
    object.begin("levers"), append_levers(out, counted.levers);
    object.begin("accounts"), view.accounts.append(out);
    object.begin("polling"), polling(out, counted);
    object.begin("connections"), connections(out, counted);
    object.begin("history"), past_samples(out, view.past.samples(view.after), view.after + 1);
    if (counted.engine) object.begin("fleet"), fleet(out, counted);
    if (counted.events) object.begin("webhook"), webhook(out, *counted.events);
    if (!view.clients.empty()) object.begin("clients"), out += view.clients;
  }
  return out;
}

}  // namespace gateway
