#include "core/telemetry/upstream_avoided.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <set>

#include "core/telemetry/counters.hpp"
#include "telemetry/records.hpp"

namespace gateway::upstream_avoided_test {
namespace {

using namespace std::chrono_literals;
using enum avoided_by;

struct row {
  outcome ended;
  bool by_fleet;
  std::optional<avoided_by> how;  // if nothing was sent for the request
};
constexpr row rows[] = {
    {outcome::hit, false, hit},
    {outcome::hit, true, second_tier},
    {outcome::stale, false, stale},
    {outcome::negative_hit, false, negative_hit},
    {outcome::negative_hit, true, second_tier},
    {outcome::coalesced, false, coalesced},
    {outcome::held, false, held},
    {outcome::miss, false, std::nullopt},
    {outcome::bypass, false, std::nullopt},
    {outcome::rejected, false, std::nullopt},
    {outcome::shed, false, std::nullopt},
    {outcome::failed, false, std::nullopt},
};

request_record record_of(const row& one, bool asked_upstream) {
  auto made = record(one.ended, 200, 1ms);
  made.by_fleet = one.by_fleet;
  made.asked_upstream = asked_upstream;
  return made;
}

TEST(upstream_avoided, what_got_its_answer_without_a_call_of_its_own_counts) {
  for (auto const& one : rows) EXPECT_EQ(avoided_call(record_of(one, false)), one.how) << name_of(one.ended) << one.by_fleet;
}

TEST(upstream_avoided, what_was_asked_for_upstream_never_counts) {
  for (auto const& one : rows) EXPECT_EQ(avoided_call(record_of(one, true)), std::nullopt) << name_of(one.ended);
}

TEST(upstream_avoided, each_request_is_counted_in_one_place_at_most) {
  auto const counters = std::make_unique<worker_counters>();
  auto const totals = std::make_unique<counter_totals>();
  std::uint64_t expected = 0;
  for (auto const& one : rows) {
    account(*counters, record_of(one, false));
    account(*counters, record_of(one, true));
    expected += one.how ? 1 : 0;
  }
  add_to(*totals, *counters);
  add_to(*totals, *counters);
  EXPECT_EQ(std::accumulate(totals->avoided.begin(), totals->avoided.end(), std::uint64_t{0}), 2 * expected);
  EXPECT_EQ(totals->avoided[static_cast<std::size_t>(second_tier)], 4u);
  EXPECT_EQ(totals->avoided[static_cast<std::size_t>(hit)], 2u);
}

TEST(upstream_avoided, names_are_distinct) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < avoided_by_count; ++i) names.insert(name_of(static_cast<avoided_by>(i)));
  EXPECT_EQ(names.size(), avoided_by_count);
}

}  // namespace
}  // namespace gateway::upstream_avoided_test
