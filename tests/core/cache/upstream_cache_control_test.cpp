#include "core/cache/upstream_cache_control.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/entries.hpp"

namespace gateway::upstream_word_test {
namespace {

using namespace std::chrono_literals;
using fields = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr auto unsaid = std::chrono::nanoseconds::max();

freshness_policy counting(std::string_view words) {
  freshness_policy policy;
  auto const list = " " + std::string{words} + " ";
  for (std::size_t i = 0; i < policy.honoured.size(); ++i)
    policy.honoured[i] = words == "all" || list.find(" " + std::string{upstream_directive_names[i]} + " ") != std::string::npos;
  return policy;
}

upstream_bounds heard(const fields& said, std::string_view words = "all", std::chrono::nanoseconds under_way = 0s) {
  upstream_cache_control all;
  for (auto const& [name, value] : said) all.add(name, value, wall_epoch);
  return all.bounds(under_way, wall_epoch, counting(words));
}

// The freshness lifetime, from the answer's origin on. The entries' epoch is Tue, 31 Mar 2026 00:00:00 GMT; the minimum is one second.
TEST(upstream_cache_control, freshness) {
  struct row {
    std::string_view name;
    fields said;
    std::string_view words;
    std::chrono::nanoseconds fresh_at_most;
  };
  const row rows[] = {
      {"nothing said", {}, "all", unsaid},
      {"words that mean nothing here", {{"Cache-Control", "public, must-revalidate, x-max-age=5"}}, "all", unsaid},
      {"max-age", {{"Cache-Control", "max-age=60"}}, "all", 60s},
      {"max-age, quoted", {{"cache-control", "Max-Age=\"60\""}}, "all", 60s},
      {"max-age that does not count", {{"Cache-Control", "max-age=60"}}, "no-store s-maxage Expires", unsaid},
      {"s-maxage before max-age", {{"Cache-Control", "max-age=60, s-maxage=600"}}, "all", 600s},
      {"s-maxage that does not count", {{"Cache-Control", "max-age=60, s-maxage=600"}}, "max-age", 60s},
      {"max-age before Expires", {{"Expires", "Tue, 31 Mar 2026 00:00:30 GMT"}, {"Cache-Control", "max-age=60"}}, "all", 60s},
      {"Expires beside a max-age that does not count",
       {{"Expires", "Tue, 31 Mar 2026 00:00:30 GMT"}, {"Cache-Control", "max-age=60"}},
       "Expires",
       unsaid},
      {"Expires", {{"Expires", "Tue, 31 Mar 2026 00:00:30 GMT"}}, "all", 30s},
      {"Expires, by the upstream's own clock",
       {{"Date", "Mon, 30 Mar 2026 00:00:00 GMT"}, {"Expires", "Mon, 30 Mar 2026 00:00:30 GMT"}},
       "all",
       30s},
      {"Expires, as RFC 850 wrote dates", {{"Expires", "Tuesday, 31-Mar-26 00:00:30 GMT"}}, "all", 30s},
      {"Expires, as asctime writes them", {{"Expires", "Tue Mar 31 00:00:30 2026"}}, "all", 30s},
      {"Expires that does not count", {{"Expires", "Tue, 31 Mar 2026 00:00:30 GMT"}}, "max-age", unsaid},
      {"Expires in the past", {{"Expires", "Mon, 30 Mar 2026 00:00:00 GMT"}}, "all", 1s},
      {"Expires, no date", {{"Expires", "0"}}, "all", 1s},
      {"two Expires", {{"Expires", "Tue, 31 Mar 2026 00:00:30 GMT"}, {"Expires", "Tue, 31 Mar 2026 00:00:20 GMT"}}, "all", 20s},
      {"two Expires, one of them no date", {{"Expires", "0"}, {"Expires", "Tue, 31 Mar 2026 00:00:20 GMT"}}, "all", 1s},
      {"Expires as far as dates go", {{"Expires", "Wed, 31 Dec 2200 23:59:59 GMT"}}, "all", record_lifetime},
      {"two max-age: the shorter", {{"Cache-Control", "max-age=60, max-age=20"}}, "all", 20s},
      {"two fields", {{"Cache-Control", "max-age=20"}, {"Cache-Control", "max-age=60"}}, "all", 20s},
      {"max-age that is no number", {{"Cache-Control", "max-age=-5"}}, "all", 1s},
      {"one of two that is no number", {{"Cache-Control", "max-age=60, max-age=soon"}}, "all", 1s},
      {"max-age without a number", {{"Cache-Control", "max-age"}}, "all", 1s},
      {"max-age=0: never below revalidate_after", {{"Cache-Control", "max-age=0"}}, "all", 1s},
      {"max-age beyond numbers", {{"Cache-Control", "max-age=99999999999999999999999"}}, "all", record_lifetime},
      {"no-cache", {{"Cache-Control", "no-cache, max-age=60"}}, "all", 1s},
      {"no-cache that does not count", {{"Cache-Control", "no-cache, max-age=60"}}, "max-age", 60s},
      {"an age: still a second", {{"Cache-Control", "max-age=60"}, {"Age", "100"}}, "all", 101s},
      {"an age that leaves something", {{"Cache-Control", "max-age=60"}, {"Age", "10"}}, "all", 60s},
  };
  for (auto const& r : rows) EXPECT_EQ(heard(r.said, r.words).fresh_at_most, r.fresh_at_most) << r.name;
}

TEST(upstream_cache_control, what_keeps_it_out_and_what_has_it_asked_first) {
  EXPECT_TRUE(heard({{"Cache-Control", "max-age=5, No-Store"}}).forbids_storing);
  EXPECT_FALSE(heard({{"Cache-Control", "no-store"}}, "private").forbids_storing);
  EXPECT_TRUE(heard({{"Cache-Control", "private"}}).forbids_storing);
  EXPECT_FALSE(heard({{"Cache-Control", "private"}}, "no-store").forbids_storing);
  EXPECT_FALSE(heard({{"Cache-Control", "x=\"no-store\""}}).forbids_storing);
  EXPECT_TRUE(heard({{"Cache-Control", "no-cache"}}).ask_first);
  EXPECT_FALSE(heard({{"Cache-Control", "no-cache"}}, "no-store").ask_first);
  EXPECT_FALSE(heard({{"Pragma", "no-cache"}}).ask_first) << "means nothing in an answer";
  upstream_cache_control said;
  EXPECT_FALSE(said.says_no_store());
  said.add("CACHE-CONTROL", "no-STORE", wall_epoch);
  EXPECT_TRUE(said.says_no_store()) << "whether or not it counts";
}

TEST(upstream_cache_control, age) {
  EXPECT_EQ(heard({}, "", 5s).age, 0s) << "from the origin: as old as the answer";
  EXPECT_EQ(heard({{"Age", "600"}}, "", 5s).age, 605s);
  EXPECT_EQ(heard({{"age", " 600 "}}, "").age, 600s) << "counts whatever the operator says of other words";
  EXPECT_EQ(heard({{"Age", "600"}, {"Age", "1"}}, "").age, 600s);
  EXPECT_EQ(heard({{"Age", "x"}}, "").age, 0s);
  EXPECT_EQ(heard({{"Age", "99999999999999999999"}}, "").age, record_lifetime);
  EXPECT_EQ(heard({{"Age", "1"}}, "", -5s).age, 1s);
}

}  // namespace
}  // namespace gateway::upstream_word_test
