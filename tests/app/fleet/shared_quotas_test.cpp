// A client's quota in a fleet, with an engine that counts for this gateway alone: what is said to it at the end, and how long that may
// take.
#include "app/fleet/shared_quotas.hpp"

#include <gtest/gtest.h>

#include "io/runtime/clock.hpp"
#include "quota_takers.hpp"
#include "replicas.hpp"

namespace gateway::test::shared_quotas_test {
namespace {

using namespace std::chrono_literals;
using kind = quota_decision::kind;

class one_count final : public engine {
public:
  explicit one_count(std::uint64_t calls) : calls_(calls) {}

  bool away = false;
  bool silent = false;  // it has the report, and its reply does not come
  std::uint64_t holds = 0, reports = 0;

  task<engine_answer> run(executor where, script_call call) override {
    if (away) co_return engine_answer{engine_trouble::away};
    ++reports;
    if (silent) {
      auto const reply = std::make_shared<sleeper>(where);
      co_await reply->sleep_until(mono_now() + 1h);
    }
    auto const given = [&](std::size_t at) { return std::uint64_t{std::stoull(call.values[at])}; };
    holds = std::min(given(5) + given(6) + given(7), calls_);
    co_return engine_answer{numbers({given(4), holds, calls_ - holds, 3'600'000})};
  }

private:
  static engine_reply numbers(std::initializer_list<std::uint64_t> all) {
    engine_reply made;
    made.is = engine_reply::kind::array;
    for (auto const one : all) {
      auto& item = made.items.emplace_back();
      item.is = engine_reply::kind::integer;
      item.number = static_cast<std::int64_t>(one);
    }
    return made;
  }

  const std::uint64_t calls_;
};

std::vector<client_settings> billing(std::uint64_t calls) {
  client_settings one;
  one.name = "billing";
  one.quota = {calls, 720h};
  return {one};
}

struct shared_quotas_test : quota_takers {
  shared_quotas_test() : quota_takers(billing(1600)) {}

  std::uint64_t allowed(int attempts) {
    std::uint64_t count = 0;
    for (int i = 0; i < attempts; ++i) {
      auto const& made = ask();
      count += made && made->is == kind::allowed ? 1 : 0;
    }
    return count;
  }

  one_count link{1600};
  fleet_keys keys = keys_of_all();
  shared_quotas shared{at, link, quotas, keys, {engine_keys{"sg"}, "", "me"}};
};

TEST_F(shared_quotas_test, a_gateway_that_has_just_started_waits_for_the_engine) {
  link.away = true;
  shared.begin(1h);
  auto const& first = ask();
  shared.set_fleet({fleet_state::is::alone, 1});  // the first beat did not find it
  auto const& second = ask();
  EXPECT_FALSE(first || second) << "it may be one of many";
  link.away = false;
  shared.set_fleet({fleet_state::is::shared, 3});
  run();
  ASSERT_TRUE(first && second);
  EXPECT_GE(link.holds, 2U) << "the engine has counted both";
  link.away = true;
  shared.set_fleet({fleet_state::is::alone, 3});
  EXPECT_EQ(allowed(600), 1600U / 3 - 2) << "once it was met, the gateway has its part";
}

TEST_F(shared_quotas_test, an_engine_that_is_not_met_in_time_is_gone_on_without) {
  link.away = true;
  shared.begin(0s);
  EXPECT_EQ(allowed(1), 1U);
}

TEST_F(shared_quotas_test, at_the_end_what_was_not_used_is_given_back) {
  shared.begin();
  EXPECT_EQ(allowed(9), 9U);
  EXPECT_GT(link.holds, 9U) << "some are ahead";
  bool ended = false;
  shared.end(mono_now() + 1h, [&] { ended = true; });
  run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(link.holds, 9U);
  auto const said = link.reports;
  quotas.beat();
  run();
  EXPECT_EQ(link.reports, said) << "nothing more";
}

TEST_F(shared_quotas_test, an_engine_that_is_away_is_not_waited_for_and_one_that_is_silent_not_for_long) {
  shared.begin();
  EXPECT_EQ(allowed(9), 9U);
  link.silent = true;
  bool ended = false;
  auto const latest = mono_now() + 50ms;
  shared.end(latest, [&] { ended = true; });
  run();
  EXPECT_FALSE(ended) << "it may have heard it";
  for (at.loop.restart(); !ended && mono_now() < latest + 10s;) at.loop.run_one_for(1s);
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace gateway::test::shared_quotas_test
