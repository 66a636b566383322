#include "core/cache/freshness.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "cache/entries.hpp"

namespace gateway::freshness_test {
namespace {

using namespace std::chrono_literals;

constexpr auto days = 24h;
const instant now = both(0s);

freshness_policy policy() {
  freshness_policy p;
  p.fresh_for = 1h;
  p.not_ready_for = 5s;
  p.absent_for = 6s;
  p.permanent_for = 2h;
  return p;
}

// The lifetime of an answer: how long it is fresh and when it must be removed, counted from now.
TEST(freshness, lifetimes) {
  struct row {
    std::string_view name;
    answer_kind kind;
    std::optional<std::chrono::nanoseconds> ended_ago;  // nullopt: the body has no end_time
    std::optional<std::chrono::nanoseconds> fresh_for;  // nullopt: may not be stored
    std::chrono::nanoseconds gone_in;
  };
  static constexpr row rows[] = {
      {"complete, just ended", answer_kind::complete, 0s, 1h, 30 * days},
      {"complete, ended a day ago", answer_kind::complete, 1 * days, 1h, 29 * days},
      {"complete, without end_time", answer_kind::complete, std::nullopt, 1h, 30 * days},
      {"complete, end_time in the future", answer_kind::complete, -7 * days, 1h, 30 * days},
      {"complete, its record has an hour left", answer_kind::complete, 30 * days - 1h, 1h, 1h},
      {"complete, its record has a second left", answer_kind::complete, 30 * days - 1s, 1s, 1s},
      {"complete, its record has a nanosecond left", answer_kind::complete, 30 * days - 1ns, 1ns, 1ns},
      {"complete, its record is just gone", answer_kind::complete, 30 * days, std::nullopt, 0s},
      {"complete, its record is long gone", answer_kind::complete, 365 * days, std::nullopt, 0s},
      {"not ready", answer_kind::not_ready, std::nullopt, 5s, 5s},
      {"absent", answer_kind::absent, std::nullopt, 6s, 6s},
      {"permanent", answer_kind::permanent, std::nullopt, 2h, 2h},
      {"an error's end_time says nothing", answer_kind::not_ready, 365 * days, 5s, 5s},
  };
  for (auto const& r : rows) {
    std::optional<wall_time> end_time;
    if (r.ended_ago) end_time = now.wall - *r.ended_ago;
    auto const span = lifetime_of(r.kind, end_time, now, policy());
    ASSERT_EQ(span.has_value(), r.fresh_for.has_value()) << r.name;
    if (!span) continue;
    entry made;
    made.kind = r.kind, made.stored_at = span->stored_at, made.gone_at = span->gone_at;
    EXPECT_EQ(fresh_until(made, policy()) - now.mono, *r.fresh_for) << r.name;
    EXPECT_EQ(span->gone_at - now.mono, r.gone_in) << r.name;
    EXPECT_EQ(span->gone_by - now.wall, r.gone_in) << r.name;
  }
}

// Every date that parse_rfc3339 accepts: even an extreme one must neither overflow nor extend a lifetime.
TEST(freshness, the_oldest_and_newest_dates_that_can_be_read) {
  for (std::string_view const ancient : {"1700-01-01T00:00:00Z", "1733-06-01T00:00:00Z", "1734-12-31T00:00:00Z", "1969-12-31T23:59:59Z"}) {
    auto const end_time = parse_rfc3339(ancient);
    if (!end_time) continue;
    EXPECT_FALSE(lifetime_of(answer_kind::complete, *end_time, now, policy())) << ancient;
  }
  auto const far = parse_rfc3339("2200-12-31T23:59:59Z");
  ASSERT_TRUE(far);
  auto const span = lifetime_of(answer_kind::complete, *far, now, policy());
  ASSERT_TRUE(span);
  EXPECT_EQ(span->gone_at - now.mono, 30 * days);
}

TEST(freshness, never_beyond_thirty_days_whatever_is_set) {
  auto generous = policy();
  generous.fresh_for = 365 * days;
  auto const span = lifetime_of(answer_kind::complete, now.wall - 29 * days, now, generous);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->gone_at - now.mono, 1 * days);
  entry made;
  made.stored_at = span->stored_at, made.gone_at = span->gone_at;
  EXPECT_EQ(fresh_until(made, generous) - now.mono, 1 * days);
}

// A stored entry, judged at a moment: stored at 0, fresh for one hour, removed after two.
TEST(freshness, judgements) {
  struct row {
    std::chrono::nanoseconds asked;
    freshness expected;
    std::chrono::seconds ttl;
    std::chrono::seconds age;
  };
  static constexpr row rows[] = {
      {0s, freshness::fresh, 3600s, 0s},           {1ms, freshness::fresh, 3599s, 0s},
      {1h - 1ns, freshness::fresh, 0s, 3599s},     {1h, freshness::stale, 0s, 3600s},
      {1h + 1ns, freshness::stale, -1s, 3600s},    {1h + 12s, freshness::stale, -12s, 3612s},
      {2h - 1ns, freshness::stale, -3600s, 7199s}, {2h, freshness::gone, -3600s, 7200s},
      {-1s, freshness::fresh, 3601s, 0s},  // judged by a worker whose `now` is slightly older
  };
  entry kept;
  kept.stored_at = at({});
  kept.gone_at = at(2h);
  kept.gone_by = wall_epoch + 2h;
  for (auto const& r : rows) {
    auto const judged = judge(kept, both(r.asked), policy());
    EXPECT_EQ(judged.is, r.expected) << r.asked.count();
    EXPECT_EQ(judged.ttl, r.ttl) << r.asked.count();
    EXPECT_EQ(judged.age, r.age) << r.asked.count();
  }
}

// A reload also applies to entries that are already stored.
TEST(freshness, is_judged_by_the_settings_of_now) {
  auto const kept = made_entry(answer_kind::complete, 10, at(30 * days));
  auto other = policy();
  EXPECT_EQ(judge(*kept, both(30min), other).is, freshness::fresh);
  other.fresh_for = 10min;
  EXPECT_EQ(judge(*kept, both(30min), other).is, freshness::stale);
  EXPECT_EQ(judge(*kept, both(30min), other).ttl, -20min);
  other.fresh_for = 2h;
  EXPECT_EQ(judge(*kept, both(90min), other).is, freshness::fresh);
  kept->fresh_at_most = 5min;
  EXPECT_EQ(judge(*kept, both(5min), other).is, freshness::stale) << "the upstream's word counts if it is shorter";
  auto const refusal = made_entry(answer_kind::permanent, 10, at(2h));
  EXPECT_EQ(judge(*refusal, both(90min), other).is, freshness::fresh);
  other.permanent_for = 1h;
  EXPECT_EQ(judge(*refusal, both(90min), other).is, freshness::gone) << "a refusal is never given stale";
}

// Which stored answers may be served for which requested ProcessingState.
TEST(freshness, answers) {
  struct row {
    answer_kind kept;
    bool absent, complete, partial, all;
  };
  static constexpr row rows[] = {
      {answer_kind::complete, true, true, false, true},
      {answer_kind::not_ready, true, true, false, false},
      {answer_kind::absent, true, true, false, true},
      {answer_kind::permanent, true, true, false, true},
  };
  for (auto const& r : rows) {
    EXPECT_EQ(answers(r.kept, processing_state::absent, policy()), r.absent) << static_cast<int>(r.kept);
    EXPECT_EQ(answers(r.kept, processing_state::complete, policy()), r.complete) << static_cast<int>(r.kept);
    EXPECT_EQ(answers(r.kept, processing_state::partial, policy()), r.partial) << static_cast<int>(r.kept);
    EXPECT_EQ(answers(r.kept, processing_state::all, policy()), r.all) << static_cast<int>(r.kept);
  }
}

TEST(freshness, an_operator_may_narrow_whom_a_complete_summary_answers) {
  auto narrow = policy();
  narrow.complete_answers[static_cast<std::size_t>(processing_state::all)] = false;
  EXPECT_FALSE(answers(answer_kind::complete, processing_state::all, narrow));
  EXPECT_TRUE(answers(answer_kind::complete, processing_state::complete, narrow));
}

}  // namespace
}  // namespace gateway::freshness_test
