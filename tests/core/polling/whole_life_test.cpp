// Whole lives of calls, simulated: how often the upstream is asked from a call's end to its complete summary, and how late the change is
// noticed. The figures are those that are promised in deploy/docs.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/polling/look_schedule.hpp"
#include "polling/lives.hpp"

namespace gateway::whole_life_test {
namespace {

using namespace std::chrono_literals;
using span = std::chrono::nanoseconds;

// A call that ended at 0, as Twilio treats it.
struct simulated_call {
  span first_asked = 1s;  // by a client; before 0: while the call went on
  span partial_at = 9min;
  span complete_at = 30min;
  bool events = false;         // its events reach the gateway
  bool events_arrive = false;  // those of its account did lately
};

struct outcome {
  int looks = 0;  // from the call's end on
  span late{};    // from the complete summary to the look that brought it
};

// The looks of a gateway where somebody always waits for the complete summary.
outcome live(const simulated_call& call) {
  look_rules const rules;
  call_life life;
  outcome made;
  std::vector<std::pair<span, event_kind>> events;
  if (call.events) {
    // Several partials, a forecast, and the complete summary; each comes a second after it was made.
    events = {{call.partial_at + 1s, event_kind::partial},
              {call.partial_at + 40s, event_kind::predicted_complete},
              {call.partial_at + 2min, event_kind::partial},
              {call.complete_at + 1s, event_kind::complete}};
  }
  // The gateway knows nothing of a call for which no client has asked.
  std::erase_if(events, [&](auto const& one) { return one.first <= call.first_asked; });
  auto next = call.first_asked;
  for (std::size_t heard = 0;;) {
    if (heard < events.size() && events[heard].first <= next) {
      auto const [moment, kind] = events[heard++];
      life.hear(event_of(kind, moment), both(moment));
      next = std::max(next_look(life, rules, true).at - at({}), moment);
      continue;
    }
    made.looks += next >= 0s ? 1 : 0;
    if (next >= call.complete_at) {
      made.late = next - call.complete_at;
      return made;
    }
    if (next >= call.partial_at) {
      life.note_partial(wall_epoch, at(next), both(next));
    } else {
      life.note_not_ready(not_ready_answer_of(), at(next), both(next));
    }
    next = std::max(next_look(life, rules, call.events_arrive || heard > 0).at - at({}), next);
  }
}

// The worst of many calls, with a fixed seed.
outcome worst_of(bool events, bool events_arrive) {
  std::minstd_rand chance{7};
  outcome worst;
  for (int i = 0; i < 5'000; ++i) {
    simulated_call call;
    call.events = events;
    call.events_arrive = events_arrive;
    call.first_asked = std::chrono::seconds{std::uniform_int_distribution<>{-1200, 300}(chance)};
    call.partial_at = std::chrono::seconds{std::uniform_int_distribution<>{120, 600}(chance)};
    call.complete_at = 30min + std::chrono::seconds{std::uniform_int_distribution<>{-60, 120}(chance)};
    auto const one = live(call);
    worst.looks = std::max(worst.looks, one.looks);
    worst.late = std::max(worst.late, one.late);
  }
  return worst;
}

TEST(whole_life, without_events_costs_14_looks_at_most) {
  auto const worst = worst_of(false, false);
  EXPECT_LE(worst.looks, 14);
  EXPECT_LE(worst.late, 1min) << "a step of the schedule, and the minute by which a summary was early";
}

TEST(whole_life, with_events_costs_three_looks_at_most) {
  auto const worst = worst_of(true, true);
  EXPECT_LE(worst.looks, 3);
  EXPECT_LE(worst.late, 1s) << "the event's own way";
}

TEST(whole_life, whose_events_are_lost_costs_six_looks_at_most) {
  auto const worst = worst_of(false, true);
  EXPECT_LE(worst.looks, 6);
  EXPECT_LE(worst.late, 6min);
}

TEST(whole_life, of_the_first_call_with_events_is_in_between) {
  auto const worst = worst_of(true, false);
  EXPECT_LE(worst.looks, 14);
  EXPECT_LE(worst.late, 1s);
}

// Pollers without Prefer ask when a stored 404 has ended, so their looks come later than the schedule's, never more often.
TEST(whole_life, of_slow_pollers_costs_no_more_looks_than_they_poll) {
  look_rules const rules;
  call_life life;
  int looks = 0;
  std::optional<span> stored_until;
  for (span now = 1s; now < 30min; now += 30s) {
    if (stored_until && now < *stored_until) continue;
    ++looks;
    if (now >= 9min) {
      life.note_partial(wall_epoch, at(now), both(now));
    } else {
      life.note_not_ready(not_ready_answer_of(), at(now), both(now));
    }
    stored_until = next_look(life, rules, false).at - at({});
  }
  EXPECT_LE(looks + 1, 14) << "and one that brings the summary";
}

}  // namespace
}  // namespace gateway::whole_life_test
