#include "core/telemetry/history.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace gateway {
namespace {

std::uint32_t narrow(std::uint64_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t us_at_quantile(const duration_buckets& counts, double q) {
  auto const found = quantile(counts, q);
  return found ? narrow(static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::microseconds>(*found).count())) : 0;
}

// nullopt: neither, because the request was not served.
std::optional<answered_by> source_of(outcome o) {
  switch (o) {
    case outcome::hit:
    case outcome::stale:
    case outcome::negative_hit:
      return answered_by::memory;
    case outcome::miss:
    case outcome::coalesced:
    case outcome::bypass:
      return answered_by::upstream;
    case outcome::held:  // its time is the reader's own choice
    case outcome::rejected:
    case outcome::shed:
    case outcome::failed:
      return std::nullopt;
  }
  return std::nullopt;
}

struct upstream_counts {
  std::uint64_t calls = 0, avoided = 0, throttled = 0, failures = 0;
};

upstream_counts upstream_of(const counter_totals& totals) {
  auto const of = [&](upstream_result r) { return totals.upstream[static_cast<std::size_t>(r)]; };
  auto const sum = [](const auto& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); };
  return {sum(totals.upstream), sum(totals.avoided), of(upstream_result::throttled),
          of(upstream_result::broken) + of(upstream_result::timeout) + of(upstream_result::unreachable) + of(upstream_result::tls) +
              of(upstream_result::egress)};
}

void count_requests(history_sample& made, const counter_totals& then, const counter_totals& now) {
  std::array<duration_buckets, answered_by_count> buckets{};
  for (std::size_t o = 0; o < outcome_count; ++o) {
    auto const from = source_of(static_cast<outcome>(o));
    std::uint64_t all = 0;
    for (std::size_t b = 0; b < duration_bucket_count; ++b) {
      auto const more = now.durations[o].buckets[b] - then.durations[o].buckets[b];
      all += more;
      if (static_cast<outcome>(o) != outcome::held) buckets[0][b] += more;
      if (from) buckets[static_cast<std::size_t>(*from)][b] += more;
    }
    made.requests[o] = narrow(all);
  }
  for (std::size_t i = 0; i < answered_by_count; ++i)
    made.latency[i] = {us_at_quantile(buckets[i], 0.5), us_at_quantile(buckets[i], 0.9), us_at_quantile(buckets[i], 0.99)};
}

}  // namespace

std::string_view name_of(answered_by who) {
  static constexpr std::array<std::string_view, answered_by_count> names{"all", "memory", "upstream"};
  return names[static_cast<std::size_t>(who)];
}

void history::add(const metrics_snapshot& counted, const instant& now) {
  auto const evictions = counted.cache.evictions[static_cast<std::size_t>(eviction::capacity)];
  if (moments_.empty() || now.mono - moments_.back().at >= profile_step) {
    if (moments_.size() == profiles_kept) moments_.erase(moments_.begin());
    moments_.push_back({now.mono, profile_of(counted.totals)});
  }
  if (last_) {
    auto const then = upstream_of(last_->totals), upstream = upstream_of(counted.totals);
    history_sample made;
    made.number = ++newest_;
    made.at_ms = std::chrono::floor<std::chrono::milliseconds>(now.wall.time_since_epoch()).count();
    made.span_ms = narrow(static_cast<std::uint64_t>(std::chrono::round<std::chrono::milliseconds>(now.mono - last_->at.mono).count()));
    count_requests(made, last_->totals, counted.totals);
    made.upstream_calls = narrow(upstream.calls - then.calls);
    made.upstream_avoided = narrow(upstream.avoided - then.avoided);
    made.throttled = narrow(upstream.throttled - then.throttled);
    made.upstream_failures = narrow(upstream.failures - then.failures);
    made.evictions = narrow(evictions - last_->evictions);
    made.limit = narrow(counted.limiter.limit);
    made.in_flight = narrow(counted.limiter.in_flight);
    made.queue = narrow(counted.limiter.waiting);
    made.cache_bytes = counted.cache.bytes;
    ring_[made.number % capacity] = made;
  }
  last_ = baseline{now, counted.totals, evictions};
}

std::vector<history_sample> history::samples(std::uint64_t after) const {
  auto const oldest = newest_ > capacity ? newest_ - capacity + 1 : 1;
  auto const from = after > newest_ ? oldest : std::max(oldest, after + 1);
  std::vector<history_sample> list;
  for (auto number = from; number <= newest_; ++number) list.push_back(ring_[number % capacity]);
  return list;
}

history::window history::since(std::chrono::nanoseconds back) const {
  if (!last_) return {};
  auto const now = last_->at.mono;
  auto const* start = &moments_.front();
  for (auto const& one : moments_) {
    if (now - one.at >= back) start = &one;
  }
  return {now - start->at, profile_of(last_->totals) - start->sums};
}

}  // namespace gateway
