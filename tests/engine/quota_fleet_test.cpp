// The quota's script in a real engine, with gateways that count as the program does: together they never use more than the quota in a
// window of the engine, whatever is lost on the way, and what no gateway uses serves the others.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/fleet/shared_quota.hpp"
#include "real_engine.hpp"

namespace gateway::test::quota_fleet_test {
namespace {

using namespace std::chrono_literals;
using kind = quota_decision::kind;

constexpr std::uint64_t noon = 1'796'040'000'000;

struct member {
  member(std::string id, const quota_rule& rule) : name(std::move(id)), quota(rule) { quota.set_fleet({fleet_state::is::shared, 3}); }
  std::string name;
  client_quota quota;
  std::uint64_t order = 0;
};

class quota_fleet : public testing::Test {
protected:
  // Gateways whose own clocks are wrong by hours: the engine's counts.
  [[nodiscard]] instant now_of(const member& who) const {
    auto const skew = std::chrono::hours{who.name.back() % 3};
    return {mono_time{std::chrono::milliseconds{now_ - noon} + 1000h}, wall_time{std::chrono::milliseconds{now_}} + skew};
  }
  script_call call_of(member& who, std::uint64_t waiting) {
    return quota_call({keys_, "client", who.name}, who.quota.rule(), who.quota.report(waiting), ++who.order);
  }
  // As shared_quotas does it.
  quota_word speak(member& who, std::uint64_t waiting) {
    auto const asked_at = now_of(who).mono;
    auto const word = read_quota_word(real_.run(call_of(who, waiting), now_));
    EXPECT_TRUE(word);
    who.quota.take_word(*word, asked_at, now_of(who).mono);
    return *word;
  }
  bool take(member& who) {
    auto made = who.quota.take(now_of(who));
    if (made.is == kind::unknown) {
      speak(who, 1);
      made = who.quota.take(now_of(who));
    }
    return made.is == kind::allowed;
  }
  std::uint64_t take_all(member& who) {
    std::uint64_t count = 0;
    while (take(who)) ++count;
    return count;
  }

  real_engine real_;
  engine_keys keys_{"sg"};
  std::uint64_t now_ = noon;
};

TEST_F(quota_fleet, gateways_together_use_the_quota_and_no_more) {
  member a{"a", {20, 1h}}, b{"b", {20, 1h}}, c{"c", {20, 1h}};
  std::uint64_t used = 0;
  for (int round = 0; round < 5; ++round) used += take(a) + take(b) + take(c);
  EXPECT_EQ(used, 15U);
  EXPECT_EQ(used + take_all(b), 20U) << "one gateway uses what the others leave";
  EXPECT_FALSE(take(a));
  EXPECT_FALSE(take(c));
  now_ += 3'600'000;
  EXPECT_EQ(take_all(c), 20U);
}

TEST_F(quota_fleet, calls_that_were_taken_ahead_come_back) {
  member busy{"a", {320, 1h}}, other{"b", {320, 1h}};
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(take(busy));
  EXPECT_LT(take_all(other), 308U) << "the busy one has some ahead";
  now_ += 2000;
  busy.quota.beat();
  busy.quota.beat();
  ASSERT_TRUE(busy.quota.has_report(0));
  speak(busy, 0);
  EXPECT_GT(take_all(other), 0U);
  EXPECT_EQ(other.quota.take(now_of(other)).left, 0U);
}

TEST_F(quota_fleet, whoever_leaves_takes_nothing_along) {
  member busy{"a", {320, 1h}}, other{"b", {320, 1h}};
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(take(busy));
  EXPECT_LT(take_all(other), 308U) << "the busy one has some ahead";
  busy.quota.leave();
  ASSERT_TRUE(busy.quota.has_report(0));
  speak(busy, 0);
  now_ += 1000;  // so long the other one does not ask again
  EXPECT_GT(take_all(other), 0U);
  EXPECT_EQ(other.quota.report(0).holds, 308U);
}

TEST_F(quota_fleet, one_gateway_never_has_more_than_a_sixteenth_of_what_is_left_ahead) {
  member a{"a", {1600, 1h}};
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(take(a));
  quota_report greedy{a.quota.report(0).window, 200, 0, client_quota::most_ahead};
  auto const word = read_quota_word(real_.run(quota_call({keys_, "client", "a"}, {1600, 1h}, greedy, ++a.order), now_));
  EXPECT_EQ(word->holds, 200U + 1400 / 16);
}

TEST_F(quota_fleet, a_report_that_was_overtaken_says_nothing) {
  member a{"a", {10, 1h}};
  auto const late = call_of(a, 1);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(take(a));
  static_cast<void>(real_.run(late, now_));
  member b{"b", {10, 1h}};
  EXPECT_EQ(take_all(b), 6U);
}

TEST_F(quota_fleet, an_engine_that_lost_everything_learns_from_each_report) {
  member a{"a", {10, 1h}}, b{"b", {10, 1h}};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(take(a));
  real_.ask({"FLUSHALL"});
  EXPECT_TRUE(take(a));
  EXPECT_EQ(take_all(b), 3U);
}

TEST_F(quota_fleet, another_number_counts_at_once_and_a_clock_that_goes_back_a_moment_begins_no_window) {
  member a{"a", {10, 1h}};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(take(a));
  a.quota.set_rule({8, 1h});
  EXPECT_EQ(take_all(a), 2U);
  now_ = noon + 3'600'000;
  member b{"b", {8, 1h}};
  EXPECT_EQ(take_all(b), 8U);
  now_ -= 30;
  member c{"c", {8, 1h}};
  EXPECT_EQ(take_all(c), 0U);
}

TEST_F(quota_fleet, a_report_about_a_window_that_has_not_begun_frees_nothing) {
  member early{"a", {20, 1h}}, other{"b", {20, 1h}};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(take(early));
  auto const early_by = [&](std::uint64_t ms) {
    auto call = quota_call({keys_, "client", early.name}, early.quota.rule(), {static_cast<std::int64_t>(noon / 3'600'000) + 1, 0, 1, 0},
                           ++early.order);
    now_ = noon + 3'600'000 - ms;
    return read_quota_word(real_.run(call, now_));
  };
  auto const word = early_by(14);
  ASSERT_TRUE(word);
  EXPECT_EQ(word->window, static_cast<std::int64_t>(noon / 3'600'000));
  EXPECT_EQ(take_all(other), 10U) << "what the early one used stays used until the window ends";
}

TEST_F(quota_fleet, the_key_ends_with_its_window) {
  member a{"a", {10, 1min}};
  EXPECT_TRUE(take(a));
  auto const left = real_.ask({"PTTL", keys_.quota("client")}).number;
  EXPECT_GT(left, 50'000);
  EXPECT_LE(left, 61'000);
}

// Any order of requests, lost replies, reports that come late, gateways that vanish, and windows that end.
TEST_F(quota_fleet, in_any_sequence_no_window_has_more_than_the_quota) {
  std::mt19937 random{11};
  quota_rule const rule{40, 10s};
  std::vector<member> all;
  int born = 0;
  auto const newcomer = [&] { return member{"g" + std::to_string(born++), rule}; };
  for (int i = 0; i < 3; ++i) all.push_back(newcomer());
  std::vector<std::pair<std::string, script_call>> late;
  std::map<std::uint64_t, std::uint64_t> used;
  std::uint64_t lost = 0, full = 0;
  for (int step = 0; step < 6000; ++step) {
    now_ += random() % 60;
    auto& who = all[random() % all.size()];
    auto const what = random() % 100;
    if (what < 80) {
      if (take(who)) ++used[now_ / 10'000];
    } else if (what < 86) {  // the engine hears it, and its reply is lost
      static_cast<void>(who.quota.take(now_of(who)).is == kind::allowed ? ++used[now_ / 10'000] : 0);
      static_cast<void>(real_.run(call_of(who, 1), now_));
      ++lost;
    } else if (what < 90) {
      late.emplace_back(who.name, call_of(who, 1));
    } else if (what < 93 && !late.empty()) {
      auto const at = random() % late.size();
      static_cast<void>(real_.run(late[at].second, now_));
      late.erase(late.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (what < 99) {
      who.quota.beat();
      if (who.quota.has_report(0)) speak(who, 0);
    } else {
      who = newcomer();
    }
  }
  for (auto const& [window, count] : used) {
    ASSERT_LE(count, rule.calls) << "window " << window;
    full += count >= rule.calls - 8 ? 1 : 0;
  }
  EXPECT_GT(lost, 100U);
  EXPECT_GT(full, 5U) << "it is no quota that is hardly used";
}

}  // namespace
}  // namespace gateway::test::quota_fleet_test
