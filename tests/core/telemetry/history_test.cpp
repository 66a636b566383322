#include "core/telemetry/history.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "telemetry/pasts.hpp"

namespace gateway::history_test {
namespace {

using namespace std::chrono_literals;

std::uint32_t of(const history_sample& one, outcome which) { return one.requests[static_cast<std::size_t>(which)]; }
history_sample::percentiles of(const history_sample& one, answered_by who) { return one.latency[static_cast<std::size_t>(who)]; }

TEST(history, is_empty_until_two_looks_have_an_interval_between_them) {
  past p;
  EXPECT_TRUE(p.kept->samples().empty());
  p.answer(outcome::hit, 10us, 5);
  p.look();
  EXPECT_TRUE(p.kept->samples().empty());
  p.look();
  ASSERT_EQ(p.kept->samples().size(), 1u);
  EXPECT_EQ(of(p.kept->samples()[0], outcome::hit), 0u) << "counted before the first look";
}

TEST(history, counts_what_happened_between_two_looks) {
  past p;
  p.look();
  p.answer(outcome::hit, 10us, 5);
  p.answer(outcome::shed, 10us, 2);
  p.counters->upstream[static_cast<std::size_t>(upstream_result::found)].add(3);
  p.counters->upstream[static_cast<std::size_t>(upstream_result::throttled)].add(2);
  p.counters->upstream[static_cast<std::size_t>(upstream_result::tls)].add(1);
  p.counters->upstream[static_cast<std::size_t>(upstream_result::egress)].add(1);
  p.counted->cache.evictions[static_cast<std::size_t>(eviction::capacity)] = 7;
  p.counted->cache.evictions[static_cast<std::size_t>(eviction::purged)] = 9;
  p.counted->cache.bytes = 5'000'000'000;
  p.counted->limiter.limit = 12;
  p.counted->limiter.in_flight = 11;
  p.counted->limiter.waiting = 3;
  p.look(2500ms);
  p.look(1s);
  auto const list = p.kept->samples();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].span_ms, 2500u);
  EXPECT_EQ(list[0].at_ms, 1'767'918'889'000 + 2000 + 2500);
  EXPECT_EQ(of(list[0], outcome::hit), 5u);
  EXPECT_EQ(of(list[0], outcome::shed), 2u);
  EXPECT_EQ(of(list[0], outcome::miss), 0u);
  EXPECT_EQ(list[0].upstream_calls, 7u);
  EXPECT_EQ(list[0].upstream_avoided, 5u) << "the hits";
  EXPECT_EQ(list[0].throttled, 2u);
  EXPECT_EQ(list[0].upstream_failures, 2u);
  EXPECT_EQ(list[0].evictions, 7u);
  EXPECT_EQ(list[0].cache_bytes, 5'000'000'000u);
  EXPECT_EQ(list[0].limit, 12u);
  EXPECT_EQ(list[0].in_flight, 11u);
  EXPECT_EQ(list[0].queue, 3u);
  EXPECT_EQ(of(list[1], outcome::hit), 0u);
  EXPECT_EQ(list[1].upstream_calls, 0u);
  EXPECT_EQ(list[1].upstream_avoided, 0u);
  EXPECT_EQ(list[1].evictions, 0u);
  EXPECT_EQ(list[1].in_flight, 11u) << "as things stand, not what changed";
}

TEST(history, tells_memory_from_upstream) {
  past p;
  p.look();
  p.answer(outcome::hit, 8us, 60);
  p.answer(outcome::stale, 8us, 20);
  p.answer(outcome::negative_hit, 8us, 10);
  p.answer(outcome::miss, 90ms, 5);
  p.answer(outcome::coalesced, 90ms, 3);
  p.answer(outcome::bypass, 90ms, 2);
  p.answer(outcome::failed, 8s, 1);
  p.answer(outcome::held, 25s, 20);
  p.look();
  auto const one = p.kept->samples().at(0);
  EXPECT_LE(of(one, answered_by::memory).p99_us, 10u);
  EXPECT_GT(of(one, answered_by::upstream).p50_us, 50'000u);
  EXPECT_LE(of(one, answered_by::upstream).p99_us, 100'000u) << "who was not served waited for neither";
  EXPECT_LE(of(one, answered_by::anybody).p50_us, 10u);
  EXPECT_GT(of(one, answered_by::anybody).p99_us, 50'000u);
  EXPECT_LT(of(one, answered_by::anybody).p99_us, 10'000'000u) << "a held reader's time is its own choice";
  EXPECT_EQ(of(one, outcome::held), 20u);
}

TEST(history, knows_no_percentile_of_nobody) {
  past p;
  p.look();
  p.answer(outcome::hit, 1ns);
  p.look();
  auto const one = p.kept->samples().at(0);
  EXPECT_EQ(of(one, answered_by::upstream).p50_us, 0u);
  EXPECT_GE(of(one, answered_by::memory).p50_us, 1u) << "somebody was answered, however fast";
}

TEST(history, forgets_the_oldest_when_it_is_full) {
  past p;
  p.look();
  for (std::size_t i = 1; i <= history::capacity + 7; ++i) {
    p.answer(outcome::hit, 10us, static_cast<int>(i));
    p.look();
  }
  auto const list = p.kept->samples();
  ASSERT_EQ(list.size(), history::capacity);
  EXPECT_EQ(list.front().number, 8u);
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(list[i].number, 8 + i);
    EXPECT_EQ(of(list[i], outcome::hit), 8 + i);
  }
}

TEST(history, gives_only_the_newer_samples_to_a_page_that_has_the_others) {
  past p;
  for (int i = 0; i < 11; ++i) p.look();
  auto const numbers = [&](std::uint64_t after) {
    std::vector<std::uint64_t> all;
    for (auto const& one : p.kept->samples(after)) all.push_back(one.number);
    return all;
  };
  EXPECT_EQ(numbers(8), (std::vector<std::uint64_t>{9, 10}));
  EXPECT_TRUE(numbers(10).empty());
  EXPECT_EQ(numbers(11).size(), 10u) << "a number of another life";
  EXPECT_EQ(numbers(~std::uint64_t{0}).size(), 10u);
  for (int i = 0; i < 400; ++i) p.look();
  EXPECT_EQ(numbers(3).size(), history::capacity) << "what it does not know any more";
}

TEST(history, has_windows_that_reach_back_as_far_as_asked_or_to_the_start) {
  past p;
  EXPECT_EQ(p.kept->since(60s).length, 0s);
  auto const counted = [&](std::chrono::seconds back) {
    auto const window = p.kept->since(back);
    return std::accumulate(window.sums.requests.begin(), window.sums.requests.end(), std::uint64_t{0});
  };
  p.look();
  for (int i = 0; i < 10; ++i) p.answer(outcome::hit, 10us), p.look();
  EXPECT_EQ(p.kept->since(60s).length, 20s);
  EXPECT_EQ(counted(60s), 10u);
  for (int i = 0; i < 1'000; ++i) p.answer(outcome::hit, 10us), p.look();
  EXPECT_GE(p.kept->since(60s).length, 60s);
  EXPECT_LT(p.kept->since(60s).length, 60s + history::profile_step);
  EXPECT_EQ(counted(60s), static_cast<std::uint64_t>(p.kept->since(60s).length / history::interval));
  EXPECT_GE(p.kept->since(600s).length, 600s);
  EXPECT_LE(p.kept->since(600s).length, 600s + history::profile_step);
  EXPECT_LE(p.kept->since(24h).length, 600s + history::profile_step) << "bounded, whatever is asked";
}

}  // namespace
}  // namespace gateway::history_test
