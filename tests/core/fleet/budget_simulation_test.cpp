// Many gateways that share one budget, with injected time: their limiters and what they report are real, the engine and the upstream are
// models. The bounds are generous: they say that the fleet behaves as one, not how well to a percent.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>

#include "core/limit/upstream_limiter.hpp"
#include "fleet/budget_engine_model.hpp"
#include "fleet/circuit_engine_model.hpp"

namespace gateway::test::budget_simulation_test {
namespace {

using namespace std::chrono_literals;
using span = std::chrono::nanoseconds;

constexpr std::uint64_t account = 7;
constexpr span may_take{5s};  // a request

struct simulated_fleet {
  struct member {
    member(std::uint64_t most, std::uint64_t seed) : limiter({.max_in_flight = most}, seed) {}
    upstream_limiter limiter;
    bool asking = false;   // a report is on its way
    bool again = false;    // a slot was handed to it meanwhile
    bool looking = false;  // reports of circuits are on their way
    bool look_again = false, look_anyway = false;
    bool dead = false;
    bool has_engine = true;
    double per_second = 0;  // requests
    std::uint64_t served = 0;
    std::set<permit_request_ptr> waiting;
  };

  simulated_fleet(int count, std::uint64_t allowed, double load) : allows(allowed) {
    for (int i = 0; i < count; ++i) {
      members.push_back(std::make_unique<member>(4 * allows, 100 + i));
      members.back()->per_second = load * static_cast<double>(allows) / 0.1 / count;
    }
  }

  void at(span when, std::function<void()> what) { events.push({now + when, ++order, std::move(what)}); }

  void start() {
    for (int i = 0; i < static_cast<int>(members.size()); ++i) {
      wake(i, members[i]->limiter.set_fleet({fleet_state::is::shared, members.size()}, now));
      at(span{dice() % 500'000'000}, [this, i] { beat(i); });
      arrive_later(i);
    }
  }

  void run_for(span time) {
    auto const end = now + time;
    while (!events.empty() && events.top().when <= end) {
      auto next = events.top();
      events.pop();
      now = next.when;
      next.what();
    }
    now = end;
  }

  void arrive_later(int who) {
    std::exponential_distribution<double> gap{members[who]->per_second};
    at(std::chrono::duration_cast<span>(std::chrono::duration<double>{gap(dice)}), [this, who] {
      if (members[who]->dead) return;
      arrive(who);
      arrive_later(who);
    });
  }

  void arrive(int who) {
    auto& me = *members[who];
    requester whose;
    whose.account = account;
    auto const one = std::make_shared<permit_request>(whose, now + may_take, may_take);
    auto const woken = me.limiter.enter(one, fair_queue::position::last, now);
    settle(who, one);
    wake(who, woken);
  }

  void settle(int who, const permit_request_ptr& one) {
    auto& me = *members[who];
    if (one->is == permit_request::state::granted) {
      auto const waited = now - (one->until - may_take);
      longest_wait = std::max<span>(longest_wait, waited);
      ++granted;
      late += waited > 20ms ? 1 : 0;
      me.waiting.erase(one);
      exchange(who, one);
    } else if (one->is == permit_request::state::waiting) {
      me.waiting.insert(one);
      auto const when = std::max(me.limiter.recheck_at(*one, now), now + 1us);
      at(when - now, [this, who, one] {
        if (members[who]->dead || one->is != permit_request::state::waiting) return;
        auto const woken = members[who]->limiter.recheck(one, now);
        settle(who, one);
        wake(who, woken);
      });
    } else {
      me.waiting.erase(one);
    }
  }

  void wake(int who, const wake_list& woken) {
    for (auto const& one : woken) settle(who, one);
    look(who, false);
    report(who, false);
  }

  void look(int who, bool anyway) {
    auto& me = *members[who];
    if (!me.has_engine) return;
    if (me.looking) {
      me.look_again = true;
      me.look_anyway = me.look_anyway || anyway;
      return;
    }
    auto const reports = me.limiter.report_circuits(anyway, now);
    if (!reports) return;
    me.looking = true;
    at(one_way, [this, who, reports] {
      bool news = false;
      auto const words = circuits.run(who, *reports, now, news);
      for (int other = 0; news && other < static_cast<int>(members.size()); ++other) {
        at(one_way, [this, who, other] {
          if (other != who && !members[other]->dead) look(other, true);
        });
      }
      at(one_way, [this, who, words] {
        auto& one = *members[who];
        if (one.dead) return;
        one.looking = false;
        bool const again = std::exchange(one.look_again, false), told = std::exchange(one.look_anyway, false);
        wake(who, one.limiter.take_circuits(words, now));
        if (again) look(who, told);
      });
    });
  }

  // The upstream: more exchanges than it allows are refused at once, the others take about 100 ms.
  void exchange(int who, const permit_request_ptr& one) {
    auto const load = in_flight + 1;  // a refused exchange is not worked on
    bool const fits = load <= allows;
    most_in_flight = std::max(most_in_flight, load);
    if (fits) ++in_flight;
    auto const takes = fits ? 80ms + span{dice() % 40'000'000} : span{5ms};
    at(takes, [this, who, one, fits, load, takes] {
      if (fits) --in_flight;
      busy += fits ? takes : span{0};
      ++(fits ? accepted : refused);
      auto& me = *members[who];
      if (me.dead) return;
      if (fits) ++me.served;
      exchange_feedback feedback;
      feedback.is = fits ? exchange_outcome::accepted : exchange_outcome::throttled;
      feedback.reported_load = load;
      wake(who, me.limiter.finish(one, feedback, now));
    });
  }

  void beat(int who) {
    auto& me = *members[who];
    if (me.dead) return;
    if (engine_is_away == me.has_engine) {
      me.has_engine = !engine_is_away;
      wake(who, me.limiter.set_fleet({engine_is_away ? fleet_state::is::alone : fleet_state::is::shared, members.size()}, now));
    }
    look(who, true);
    if (!me.limiter.sharing_accounts().empty()) report(who, true);
    at(500ms, [this, who] { beat(who); });
  }
  // What it knows is lost. Each gateway notices with its next beat.
  void engine_dies() {
    engine.forget();
    circuits.forget();
    engine_is_away = true;
  }

  void report(int who, bool anyway) {
    auto& me = *members[who];
    (void)me.limiter.take_changed();  // there is one account
    if (me.asking) {
      me.again = me.again || anyway;
      return;
    }
    auto const made = me.limiter.report_of(account, anyway, now);
    if (!made) return;
    me.asking = true;
    at(one_way, [this, who, made] {
      if (engine_is_away) {
        members[who]->asking = false;
        return;
      }
      std::vector<int> handed;
      auto const word = engine.run(who, *made, now, handed);
      ++operations;
      for (auto const told : handed)
        at(one_way, [this, told] {
          for (int other = 0; other < static_cast<int>(members.size()); ++other) {
            if ((told == other || told == budget_engine_model::everybody) && !members[other]->dead) report(other, true);
          }
        });
      at(one_way, [this, who, word] {
        auto& one = *members[who];
        if (one.dead) return;
        one.asking = false;
        bool const again = std::exchange(one.again, false);
        wake(who, one.limiter.take_word(account, word, now));
        if (again) report(who, true);
      });
    });
  }

  void forget() {
    busy = longest_wait = {};
    accepted = refused = operations = most_in_flight = granted = late = 0;
    for (auto const& one : members) one->served = 0;
  }
  [[nodiscard]] double utilisation(span time) const {
    return std::chrono::duration<double>(busy).count() / (static_cast<double>(allows) * std::chrono::duration<double>(time).count());
  }
  [[nodiscard]] double refused_share() const {
    return static_cast<double>(refused) / static_cast<double>(std::max<std::uint64_t>(accepted + refused, 1));
  }
  // Jain's index of what each was served in proportion to its max-min fair share.
  [[nodiscard]] double jain() const {
    double all = 0;
    std::vector<double> demand;
    for (auto const& one : members) demand.push_back(one->per_second);
    auto ordered = demand;
    std::ranges::sort(ordered);
    all = static_cast<double>(allows) / 0.1;
    double level = 0;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      level = all / static_cast<double>(ordered.size() - i);
      if (ordered[i] >= level) break;
      all -= ordered[i];
    }
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto const part = static_cast<double>(members[i]->served) / std::min(demand[i], level);
      sum += part;
      squares += part * part;
    }
    return sum * sum / (static_cast<double>(members.size()) * squares);
  }

  struct event {
    mono_time when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const event& other) const { return std::pair{when, order} > std::pair{other.when, other.order}; }
  };
  std::uint64_t allows;
  std::vector<std::unique_ptr<member>> members;
  budget_engine_model engine;
  circuit_engine_model circuits;
  std::priority_queue<event> events;
  std::uint64_t order = 0;
  mono_time now{1h};
  std::mt19937_64 dice{5};
  span one_way{250us};
  bool engine_is_away = false;
  std::uint64_t in_flight = 0, most_in_flight = 0, accepted = 0, refused = 0, operations = 0, granted = 0, late = 0;
  span busy{}, longest_wait{};
};

void is_as_one(simulated_fleet& fleet, span learning, span time) {
  fleet.start();
  fleet.run_for(learning);
  EXPECT_LT(fleet.refused, 6 * fleet.allows) << "the first guess of four times the limit, and what it took to correct it";
  fleet.forget();
  fleet.run_for(time);
  EXPECT_LE(fleet.most_in_flight, fleet.allows + 1) << "but for one try at one more";
  EXPECT_GT(fleet.utilisation(time), 0.9);
  EXPECT_LT(fleet.refused_share(), 0.01);
  EXPECT_GT(fleet.jain(), 0.95);
}

TEST(budget_simulation, twenty_gateways_under_overload_are_as_one) {
  simulated_fleet fleet{20, 10, 1.5};
  is_as_one(fleet, 20s, 60s);
}

TEST(budget_simulation, a_gateway_that_is_ten_times_busier_takes_no_more_than_its_fair_share) {
  simulated_fleet fleet{20, 10, 1.5};
  for (auto const& one : fleet.members) one->per_second = 5.2;
  fleet.members[0]->per_second = 52;
  is_as_one(fleet, 20s, 60s);
}

TEST(budget_simulation, two_hundred_gateways_under_overload_are_as_one) {
  simulated_fleet fleet{200, 100, 1.5};
  is_as_one(fleet, 5s, 5s);
}

TEST(budget_simulation, a_busy_gateway_gets_what_the_others_leave) {
  simulated_fleet fleet{8, 10, 1};
  for (auto const& one : fleet.members) one->per_second = 1;
  fleet.members[0]->per_second = 120;
  fleet.start();
  fleet.run_for(20s);
  fleet.forget();
  fleet.run_for(30s);
  EXPECT_GT(fleet.members[0]->served, 30 * 80U) << "of a hundred a second, the seven others take seven";
}

TEST(budget_simulation, what_a_vanished_gateway_held_is_used_again_within_three_seconds) {
  simulated_fleet fleet{8, 10, 1.5};
  fleet.start();
  fleet.run_for(20s);
  for (int i = 0; i < 4; ++i) fleet.members[i]->dead = true;
  for (int i = 4; i < 8; ++i) fleet.members[i]->per_second *= 2;
  fleet.run_for(3s);
  fleet.forget();
  fleet.run_for(10s);
  EXPECT_GT(fleet.utilisation(10s), 0.9);
  EXPECT_LE(fleet.most_in_flight, fleet.allows + 1);
}

TEST(budget_simulation, an_engine_that_lost_everything_learns_the_limit_from_the_gateways) {
  simulated_fleet fleet{8, 10, 1.5};
  fleet.start();
  fleet.run_for(20s);
  fleet.engine.forget();
  fleet.circuits.forget();
  fleet.forget();
  fleet.run_for(20s);
  EXPECT_GE(fleet.engine.limit(), 9U);
  EXPECT_LE(fleet.most_in_flight, fleet.allows + 1);
  EXPECT_GT(fleet.utilisation(20s), 0.85);
}

TEST(budget_simulation, of_an_engine_that_lost_everything_readers_notice_nothing) {
  simulated_fleet fleet{8, 40, 0.3};
  fleet.start();
  fleet.run_for(20s);
  for (int times = 0; times < 20; ++times) {
    fleet.forget();
    fleet.engine.forget();
    fleet.run_for(1050ms);
    EXPECT_LT(fleet.longest_wait, 20ms) << times;
    EXPECT_LE(fleet.most_in_flight, fleet.allows) << times;
  }
}

// The engine is away for six seconds, and comes back with nothing.
TEST(budget_simulation, a_gateway_that_has_all_the_work_learns_its_part_anew_and_keeps_it_when_the_engine_is_back) {
  simulated_fleet fleet{2, 10, 0.7};
  fleet.members[0]->per_second = 70;
  fleet.members[1]->per_second = 0.01;
  fleet.start();
  fleet.run_for(40s);
  struct phase {
    std::uint64_t late = 0, all = 0;
    [[nodiscard]] double share() const { return static_cast<double>(late) / static_cast<double>(all); }
  };
  phase usual, first, alone, back;
  auto const count_in = [&](phase& one, span time) {
    fleet.forget();
    fleet.run_for(time);
    one.late += fleet.late;
    one.all += fleet.granted;
  };
  for (int times = 0; times < 100; ++times) {
    count_in(usual, 3s);
    fleet.engine_dies();
    count_in(first, 3s);
    count_in(alone, 3s);
    fleet.engine_is_away = false;
    count_in(back, 1500ms);
  }
  EXPECT_LT(first.share(), usual.share() + 0.3) << "it begins with four of ten";
  EXPECT_LT(alone.share(), usual.share() + 0.05);
  EXPECT_LT(back.share(), usual.share() + 0.2);
}

}  // namespace
}  // namespace gateway::test::budget_simulation_test
