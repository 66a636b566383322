#include "core/telemetry/counters.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <set>
#include <string_view>

#include "telemetry/records.hpp"

namespace gateway::counters_test {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<counter_totals> totals_of(std::initializer_list<const worker_counters*> workers) {
  auto totals = std::make_unique<counter_totals>();
  for (auto const* worker : workers) add_to(*totals, *worker);
  return totals;
}

template <class Enum>
constexpr std::size_t at(Enum value) {
  return static_cast<std::size_t>(value);
}

TEST(counters, a_request_is_counted_once_everywhere) {
  auto const counters = std::make_unique<worker_counters>();
  auto r = record(outcome::failed, 502, 3ms);
  r.why = fault::upstream_tls;
  account(*counters, r);
  auto const totals = totals_of({counters.get()});
  EXPECT_EQ(totals->requests[at(outcome::failed)][status_index(502)], 1u);
  EXPECT_EQ(totals->faults[at(fault::upstream_tls)], 1u);
  EXPECT_EQ(totals->durations[at(outcome::failed)].sum_ns, 3'000'000u);
  EXPECT_EQ(totals->hops[at(hop::lookup)].sum_ns, 3'000'000u);
  std::uint64_t all = 0;
  for (auto const& by_status : totals->requests) all = std::accumulate(by_status.begin(), by_status.end(), all);
  EXPECT_EQ(all, 1u);
  std::uint64_t observed = 0;
  for (auto const& h : totals->durations) observed = std::accumulate(h.buckets.begin(), h.buckets.end(), observed);
  EXPECT_EQ(observed, 1u);
  observed = 0;
  for (auto const& h : totals->hops) observed = std::accumulate(h.buckets.begin(), h.buckets.end(), observed);
  EXPECT_EQ(observed, 1u) << "a hop that took no time is not observed";
}

TEST(counters, any_status_has_a_place) {
  auto const counters = std::make_unique<worker_counters>();
  for (int status = -5; status < 1'000; ++status) account(*counters, record(outcome::miss, status, 1us));
  auto const totals = totals_of({counters.get()});
  auto const& row = totals->requests[at(outcome::miss)];
  for (std::size_t i = 0; i < counted_statuses.size(); ++i) EXPECT_EQ(row[i], 1u) << counted_statuses[i];
  EXPECT_EQ(row.back(), 1'005u - counted_statuses.size());
}

TEST(counters, bucket_bounds_include_their_own_value) {
  struct row {
    std::chrono::nanoseconds span;
    std::size_t bucket;
  };
  static constexpr row rows[] = {
      {-1ns, 0}, {0ns, 0}, {10us, 0}, {10'001ns, 1}, {25us, 1}, {1s, 15}, {30s, 19}, {30s + 1ns, 20}, {24h, 20},
  };
  for (auto const& r : rows) {
    histogram h;
    h.observe(r.span);
    for (std::size_t i = 0; i < h.buckets.size(); ++i) EXPECT_EQ(h.buckets[i].get(), i == r.bucket ? 1u : 0u) << r.span.count() << " " << i;
    EXPECT_EQ(h.sum_ns.get(), static_cast<std::uint64_t>(std::max(r.span, 0ns).count()));
  }
}

TEST(counters, bounds_and_statuses_ascend) {
  EXPECT_TRUE(std::ranges::is_sorted(duration_bounds));
  EXPECT_TRUE(std::ranges::is_sorted(counted_statuses));
}

TEST(counters, workers_add_up) {
  auto const one = std::make_unique<worker_counters>();
  auto const two = std::make_unique<worker_counters>();
  for (int i = 0; i < 3; ++i) account(*one, record(outcome::hit, 200, 1us));
  account(*two, record(outcome::hit, 200, 1us));
  one->retries[1].add(2);
  two->retries[1].add(5);
  one->upstream[at(upstream_result::tls)].add();
  two->handshakes[at(handshake_kind::resumed)].add();
  two->connections_accepted.add(7);
  two->connections_refused[at(connection_refusal::address)].add(8);
  two->client_handshakes[at(handshake_kind::full)].add(3);
  two->proofs_refused[at(proof_refusal::jwt_key)].add(5);
  two->connections_displaced.add(4);
  two->connection_deadlines.add(9);
  two->access_log_dropped.add(6);
  auto const totals = totals_of({one.get(), two.get()});
  EXPECT_EQ(totals->requests[at(outcome::hit)][status_index(200)], 4u);
  EXPECT_EQ(totals->durations[at(outcome::hit)].buckets[0], 4u);
  EXPECT_EQ(totals->durations[at(outcome::hit)].sum_ns, 4'000u);
  EXPECT_EQ(totals->retries[1], 7u);
  EXPECT_EQ(totals->upstream[at(upstream_result::tls)], 1u);
  EXPECT_EQ(totals->handshakes[at(handshake_kind::resumed)], 1u);
  EXPECT_EQ(totals->connections_accepted, 7u);
  EXPECT_EQ(totals->connections_refused[at(connection_refusal::address)], 8u);
  EXPECT_EQ(totals->client_handshakes[at(handshake_kind::full)], 3u);
  EXPECT_EQ(totals->proofs_refused[at(proof_refusal::jwt_key)], 5u);
  EXPECT_EQ(totals->connections_displaced, 4u);
  EXPECT_EQ(totals->connection_deadlines, 9u);
  EXPECT_EQ(totals->access_log_dropped, 6u);
}

TEST(counters, labels_are_distinct) {
  std::set<std::string_view> results;
  for (std::size_t i = 0; i < upstream_result_count; ++i) results.insert(name_of(static_cast<upstream_result>(i)));
  EXPECT_EQ(results.size(), upstream_result_count);
  EXPECT_FALSE(results.contains(""));
  EXPECT_EQ(name_of(upstream_result::tls), "tls");
  EXPECT_EQ(name_of(handshake_kind::failed), "failed");
  std::set<std::string_view> refusals;
  for (std::size_t i = 0; i < proof_refusal_count; ++i) refusals.insert(name_of(static_cast<proof_refusal>(i)));
  EXPECT_EQ(refusals.size(), proof_refusal_count);
  EXPECT_FALSE(refusals.contains(""));
}

}  // namespace
}  // namespace gateway::counters_test
