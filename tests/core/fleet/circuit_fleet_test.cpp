// Several limiters that share their circuits through a model of the engine: what one has learnt from a failure, all know, and one probes.
#include <gtest/gtest.h>

#include "core/limit/upstream_limiter.hpp"
#include "fleet/budget_engine_model.hpp"
#include "fleet/circuit_engine_model.hpp"

namespace gateway::test::circuit_fleet_test {
namespace {

using namespace std::chrono_literals;
using state = permit_request::state;
using outcome = exchange_outcome;

constexpr std::uint64_t account = 11;
constexpr unsigned to_break = 10;

struct circuit_fleet : testing::Test {
  static constexpr int size = 4;
  circuit_fleet() {
    for (int i = 0; i < size; ++i) limiters.push_back(std::make_unique<upstream_limiter>(limiter_policy{}, static_cast<std::uint64_t>(i)));
    everyone(fleet_state::is::shared);
  }

  std::vector<std::unique_ptr<upstream_limiter>> limiters;
  std::vector<bool> has_engine = std::vector<bool>(size, true);
  budget_engine_model budgets;
  circuit_engine_model circuits;
  mono_time now{1h};

  void everyone(fleet_state::is is) {
    for (auto const& one : limiters) (void)one->set_fleet({is, size}, now);
    settle();
  }
  permit_request_ptr come(int at, std::uint64_t client = 1) {
    requester who;
    who.account = account;
    who.client = client;
    auto const one = std::make_shared<permit_request>(who, now + 20s, 8s);
    (void)limiters[static_cast<std::size_t>(at)]->enter(one, fair_queue::position::last, now);
    settle();
    return one;
  }
  permit_request_ptr come_optionally(int at) {
    requester who;
    who.account = account;
    auto const one = std::make_shared<permit_request>(who, now + 20s, 8s);
    EXPECT_FALSE(limiters[static_cast<std::size_t>(at)]->try_enter(one, now));
    settle();
    return one;
  }
  void finish(int at, const permit_request_ptr& one, outcome is, std::chrono::nanoseconds retry_after = 0s) {
    exchange_feedback feedback;
    feedback.is = is;
    feedback.retry_after = retry_after;
    (void)limiters[static_cast<std::size_t>(at)]->finish(one, feedback, now);
    settle();
  }
  // So many exchanges fail, one after the other.
  void fail(int at, unsigned count, outcome is = outcome::failed) {
    for (unsigned i = 0; i < count; ++i) {
      auto const one = come(at, i);
      ASSERT_EQ(one->is, state::granted);
      finish(at, one, is);
    }
  }
  // The engine hears all that is to be told, and all hear of it.
  void settle() {
    for (bool quiet = false; !quiet;) {
      quiet = true;
      for (int i = 0; i < size; ++i) {
        if (limiters[static_cast<std::size_t>(i)]->has_news() && has_engine[static_cast<std::size_t>(i)]) {
          quiet = false;
          speak(i, false);
        }
      }
    }
  }
  void beat() {
    for (int i = 0; i < size; ++i) {
      if (has_engine[static_cast<std::size_t>(i)]) speak(i, true);
    }
    settle();
  }
  void pass(std::chrono::nanoseconds span, const std::vector<std::pair<int, permit_request_ptr>>& waiting = {}) {
    now += span;
    for (auto const& [at, one] : waiting) {
      if (one->is == state::waiting) (void)limiters[static_cast<std::size_t>(at)]->recheck(one, now);
    }
    settle();
  }

private:
  void speak(int me, bool anyway) {
    auto& mine = *limiters[static_cast<std::size_t>(me)];
    bool news = false;
    if (auto const reports = mine.report_circuits(anyway, now)) (void)mine.take_circuits(circuits.run(me, *reports, now, news), now);
    std::vector<int> handed;
    for (auto const each : mine.take_changed()) {
      if (auto const report = mine.report_of(each, anyway, now)) (void)mine.take_word(each, budgets.run(me, *report, now, handed), now);
    }
    for (auto const each : handed) {
      for (int i = 0; i < size; ++i) {
        if (each == i || each == budget_engine_model::everybody) told(i, account);
      }
    }
    if (!news) return;
    for (int i = 0; i < size; ++i) {
      if (i != me && has_engine[static_cast<std::size_t>(i)]) speak(i, true);
    }
  }
  void told(int whom, std::uint64_t which) {
    auto& one = *limiters[static_cast<std::size_t>(whom)];
    std::vector<int> handed;
    if (auto const report = one.report_of(which, true, now)) (void)one.take_word(which, budgets.run(whom, *report, now, handed), now);
  }
};

TEST_F(circuit_fleet, what_the_upstream_asks_of_one_gateway_all_do) {
  auto const refused = come(0), other = come(1);
  finish(1, other, outcome::accepted);
  finish(0, refused, outcome::throttled, 5s);
  std::vector<std::pair<int, permit_request_ptr>> waiting;
  for (int i = 0; i < size; ++i) waiting.emplace_back(i, come(i));
  pass(4900ms, waiting);
  for (auto const& [at, one] : waiting) EXPECT_EQ(one->is, state::waiting) << at;
  EXPECT_EQ(limiters[3]->now().cooling_down, 1U);
  pass(101ms, waiting);
  auto const is_sent = [](const auto& one) { return one.second->is == state::granted; };
  ASSERT_EQ(std::ranges::count_if(waiting, is_sent), 1) << "the probe";
  auto const [prober, probe] = *std::ranges::find_if(waiting, is_sent);
  finish(prober, probe, outcome::accepted);
  EXPECT_EQ(std::ranges::count_if(waiting, is_sent), size) << "the probe has closed it for all";
  for (auto const& one : limiters) EXPECT_EQ(one->now().cooling_down, 0U);
}

TEST_F(circuit_fleet, operators_see_what_is_not_closed_since_when_and_which_gateway_probes) {
  using prober = circuit_word::prober;
  auto const seen_by = [&](int which) { return limiters[static_cast<std::size_t>(which)]->circuits(now); };
  EXPECT_TRUE(seen_by(0).empty());
  finish(1, come(1), outcome::accepted);
  finish(0, come(0), outcome::throttled, 5s);
  auto const first = come(0), second = come(1);
  pass(2s, {{0, first}, {1, second}});
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(seen_by(i).size(), 1U) << i;
    auto const one = seen_by(i).front();
    EXPECT_EQ(one.whose, (circuit_name{circuit_name::sort::cool_down, account}));
    EXPECT_FALSE(one.half_open);
    EXPECT_EQ(one.since, 2s);
    EXPECT_EQ(one.probe, prober::none);
    EXPECT_EQ(one.probe_in, 3s);
  }
  pass(3100ms, {{0, first}, {1, second}});
  ASSERT_EQ(first->is, state::granted);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(seen_by(i).front().half_open);
  EXPECT_EQ(seen_by(0).front().probe, prober::self);
  EXPECT_EQ(seen_by(1).front().probe, prober::another);
  finish(0, first, outcome::accepted);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(seen_by(i).empty()) << i;
  fail(0, to_break, outcome::unreachable);
  ASSERT_EQ(seen_by(0).size(), 1U);
  EXPECT_EQ(seen_by(0).front().whose, circuit_name{});
}

TEST_F(circuit_fleet, a_probe_that_is_refused_keeps_all_back_for_longer) {
  finish(0, come(0), outcome::throttled);
  std::vector<std::pair<int, permit_request_ptr>> waiting;
  for (int i = 0; i < size; ++i) waiting.emplace_back(i, come(i));
  std::size_t probes = 0;
  for (auto const until = now + 10s; now < until;) {
    pass(10ms, waiting);
    for (auto& [at, one] : waiting) {
      if (one->is != state::granted) continue;
      ++probes;
      finish(at, one, outcome::throttled);
      one = come(at);
    }
  }
  EXPECT_LE(probes, 7U) << "after 0.1, 0.2, 0.4 … seconds, for all together; each alone would have sent as many";
  EXPECT_GE(probes, 5U);
}

TEST_F(circuit_fleet, of_a_dead_upstream_one_failure_is_enough_for_each_and_one_probes) {
  fail(0, to_break);
  for (int i = 1; i < size; ++i) fail(i, 1);
  for (int i = 0; i < size; ++i) {
    auto const one = come(i, 0);
    EXPECT_EQ(one->is, state::shed) << i;
    EXPECT_EQ(one->why, shed_reason::failing);
  }
  pass(1300ms);
  std::vector<permit_request_ptr> sent;
  for (int i = 0; i < size; ++i) {
    auto const one = come(i, 0);
    if (one->is == state::granted) sent.push_back(one);
  }
  EXPECT_EQ(sent.size(), 1U);
}

TEST_F(circuit_fleet, a_dead_host_is_probed_by_one_gateway_and_found_by_all) {
  fail(0, to_break, outcome::unreachable);
  for (int i = 1; i < size; ++i) fail(i, 1, outcome::unreachable);
  std::size_t probes = 0;
  for (auto const until = now + 20s; now < until;) {
    pass(100ms);
    for (int i = 0; i < size; ++i) {
      auto const one = come(i);
      if (one->is != state::granted) continue;
      ++probes;
      finish(i, one, outcome::unreachable);
    }
  }
  EXPECT_LE(probes, 7U) << "after 1, 2, 4, 5, 5 … seconds; four gateways alone send four times as many";
  EXPECT_GE(probes, 4U);
  pass(7s);
  for (int i = 0; i < size; ++i) {
    auto const one = come(i);
    if (one->is == state::granted) finish(i, one, outcome::accepted);
  }
  for (int i = 0; i < size; ++i) EXPECT_EQ(come(i)->is, state::granted) << i;
}

TEST_F(circuit_fleet, a_gateway_whose_own_way_is_broken_shuts_out_no_other) {
  finish(1, come(1), outcome::accepted);
  fail(0, to_break, outcome::unreachable);
  for (int i = 0; i < 20; ++i) {
    auto const one = come(1);
    ASSERT_EQ(one->is, state::granted);
    finish(1, one, outcome::accepted);
  }
  EXPECT_EQ(come(0)->is, state::shed);
}

TEST_F(circuit_fleet, a_probe_that_says_nothing_leaves_its_place_to_another_gateway) {
  finish(0, come(0), outcome::throttled, 1s);
  auto const first = come(0), second = come(1);
  pass(1100ms, {{0, first}, {1, second}});
  ASSERT_EQ(first->is, state::granted);
  ASSERT_EQ(second->is, state::waiting);
  finish(0, first, outcome::unknown);
  EXPECT_EQ(second->is, state::granted);
}

TEST_F(circuit_fleet, the_probe_of_a_gateway_that_vanished_is_sent_by_another) {
  finish(0, come(0), outcome::throttled, 1s);
  auto const first = come(0), second = come(1);
  pass(1100ms, {{0, first}, {1, second}});
  ASSERT_EQ(first->is, state::granted);
  has_engine[0] = false;
  for (int beats = 0; beats < 6; ++beats) {
    EXPECT_EQ(second->is, beats < 4 ? state::waiting : second->is) << beats;
    now += 500ms;
    beat();
  }
  EXPECT_EQ(second->is, state::granted);
}

TEST_F(circuit_fleet, the_gateway_that_asked_during_a_probe_sends_the_next_one) {
  for (int i = 0; i < 2; ++i) fail(i, i == 0 ? to_break : 1, outcome::unreachable);
  pass(1300ms);
  auto const first = come(0);
  ASSERT_EQ(first->is, state::granted);
  EXPECT_EQ(come(1)->is, state::shed) << "another probes";
  finish(0, first, outcome::unreachable);
  pass(2600ms);
  EXPECT_EQ(come(0)->is, state::shed) << "its way may be the broken one";
  EXPECT_EQ(come(1)->is, state::granted);
}

TEST_F(circuit_fleet, a_request_that_can_be_left_undone_is_the_probe_if_no_other_comes) {
  for (auto const how : {outcome::failed, outcome::unreachable}) {
    fail(0, to_break, how);
    pass(7s);
    auto const one = come_optionally(0);
    ASSERT_EQ(one->is, state::granted);
    finish(0, one, outcome::accepted);
    EXPECT_EQ(limiters[0]->now().broken, 0U);
  }
}

TEST_F(circuit_fleet, without_the_engine_each_gateway_probes_on_its_own) {
  finish(0, come(0), outcome::throttled, 1s);
  std::vector<std::pair<int, permit_request_ptr>> waiting;
  for (int i = 0; i < 2; ++i) waiting.emplace_back(i, come(i));
  pass(1100ms, waiting);
  EXPECT_EQ(std::ranges::count_if(waiting, [](const auto& one) { return one.second->is == state::granted; }), 1);
  everyone(fleet_state::is::alone);
  for (auto const& [at, one] : waiting) EXPECT_EQ(one->is, state::granted) << at;
}

TEST_F(circuit_fleet, an_engine_that_forgot_hears_of_open_circuits_again) {
  finish(0, come(0), outcome::throttled, 5s);
  circuits.forget();
  beat();
  EXPECT_EQ(come(1)->is, state::waiting);
  EXPECT_EQ(limiters[1]->now().cooling_down, 1U);
}

TEST_F(circuit_fleet, a_gateway_that_comes_back_tells_what_it_learnt_alone) {
  for (auto const& one : limiters) (void)one->set_fleet({fleet_state::is::alone, size}, now);
  auto const refused = come(0), known = come(1);
  finish(1, known, outcome::accepted);
  finish(0, refused, outcome::throttled, 5s);
  EXPECT_EQ(limiters[1]->now().cooling_down, 0U);
  everyone(fleet_state::is::shared);
  EXPECT_EQ(limiters[1]->now().cooling_down, 1U);
}

}  // namespace
}  // namespace gateway::test::circuit_fleet_test
