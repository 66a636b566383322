// When a call that is not ready is looked at again.
#include "core/polling/look_schedule.hpp"

#include <gtest/gtest.h>

#include "plain_text.hpp"
#include "polling/lives.hpp"

namespace gateway::look_schedule_test {
namespace {

using namespace std::chrono_literals;
using span = std::chrono::nanoseconds;

// What is known after looks at these moments, each of which found "not ready".
call_life after_looks(std::initializer_list<span> looks) {
  call_life life;
  for (auto const one : looks) life.note_not_ready(not_ready_answer_of(), at(one), both(one));
  return life;
}

// The same for a call that ended at 0, as a partial said.
call_life after_partial(span looked) {
  auto life = after_looks({1s});
  life.note_partial(wall_epoch, at(looked), both(looked));
  return life;
}

span planned(const call_life& life, const look_rules& rules = {}, bool events = false) {
  return next_look(life, rules, events).at - at({});
}

TEST(look_schedule, steps_grow_while_the_end_is_unknown) {
  EXPECT_EQ(planned(after_looks({0s})), 15s);
  EXPECT_EQ(planned(after_looks({0s, 15s})), 45s);
  EXPECT_EQ(planned(after_looks({0s, 15s, 45s})), 105s);
  EXPECT_EQ(planned(after_looks({0s, 15s, 45s, 105s})), 225s);
  EXPECT_EQ(planned(after_looks({0s, 15s, 45s, 105s, 225s})), 345s);
}

TEST(look_schedule, the_longest_step_bounds_each_of_them) {
  look_rules rules;
  rules.longest_step = 20s;
  EXPECT_EQ(planned(after_looks({0s}), rules), 15s);
  EXPECT_EQ(planned(after_looks({0s, 15s}), rules), 35s);
  EXPECT_EQ(planned(after_looks({0s, 15s, 35s, 55s}), rules), 75s);
}

TEST(look_schedule, a_known_end_says_when_the_complete_summary_is_expected) {
  EXPECT_EQ(planned(after_partial(11min)), 30min);
  look_rules rules;
  rules.complete_after = 20min;
  EXPECT_EQ(planned(after_partial(11min), rules), 20min);
}

TEST(look_schedule, a_late_summary_is_looked_for_each_minute_then_each_five) {
  EXPECT_EQ(planned(after_partial(30min)), 31min);
  EXPECT_EQ(planned(after_partial(34min + 30s)), 35min + 30s);
  EXPECT_EQ(planned(after_partial(35min)), 40min);
  EXPECT_EQ(planned(after_partial(3h)), 3h + 5min);
}

// For operators who want to notice changes at once, and for test beds whose calls live fast.
TEST(look_schedule, a_short_longest_step_also_shortens_the_steps_after_the_end) {
  look_rules rules;
  rules.longest_step = 10s;
  EXPECT_EQ(planned(after_partial(30min), rules), 30min + 10s);
  EXPECT_EQ(planned(after_partial(35min), rules), 35min + 25s);
  rules.longest_step = 10min;
  EXPECT_EQ(planned(after_partial(30min), rules), 31min);
  EXPECT_EQ(planned(after_partial(35min), rules), 40min);
}

TEST(look_schedule, no_two_looks_are_closer_than_the_least_step) {
  look_rules rules;
  rules.least_step = 10min;
  EXPECT_EQ(planned(after_looks({0s}), rules), 10min);
  EXPECT_EQ(planned(after_partial(29min), rules), 39min);
}

TEST(look_schedule, a_retry_after_of_the_upstream_is_kept) {
  auto life = after_looks({0s});
  life.note_not_ready(not_ready_answer_of("90"), at(15s), both(15s));
  auto const plan = next_look(life, {}, false);
  EXPECT_EQ(plan.at, at(105s));
  EXPECT_EQ(plan.why, look_reason::retry_after);
  life.note_not_ready(not_ready_answer_of(), at(105s), both(105s));
  EXPECT_EQ(planned(life), 165s) << "only the last answer counts";
  life.note_not_ready(not_ready_answer_of("999999"), at(165s), both(165s));
  EXPECT_EQ(planned(life), 165s + 1h);
}

TEST(look_schedule, an_event_asks_for_a_look_at_once) {
  auto life = after_looks({0s, 15s, 45s, 105s});
  EXPECT_TRUE(life.hear(event_of(event_kind::complete, 110s), both(112s)));
  auto const plan = next_look(life, {}, true);
  EXPECT_EQ(plan.at, at(112s));
  EXPECT_EQ(plan.why, look_reason::event);
}

TEST(look_schedule, an_event_during_a_look_asks_for_another_one) {
  auto life = after_looks({0s});
  life.hear(event_of(event_kind::complete, 16s), both(16s));
  life.note_not_ready(not_ready_answer_of(), at(15s), both(17s));  // sent before it came
  EXPECT_EQ(planned(life), 16s);
  life.note_not_ready(not_ready_answer_of(), at(18s), both(19s));
  EXPECT_EQ(next_look(life, {}, true).why, look_reason::end_unknown_events);
}

TEST(look_schedule, only_the_first_complete_event_comes_closer_than_the_least_step) {
  auto life = after_looks({0s});
  for (auto const moment : {1s, 2s}) {
    life.hear(event_of(event_kind::complete, moment), both(moment));
    EXPECT_EQ(planned(life), moment == 1s ? 1s : 6s);
    if (moment == 1s) life.note_not_ready(not_ready_answer_of(), at(1s), both(1s));
  }
}

TEST(look_schedule, a_replayed_event_changes_nothing) {
  auto life = after_looks({0s, 10min});
  EXPECT_FALSE(life.hear(event_of(event_kind::complete, 4min), both(10min + 1s)));
  EXPECT_NE(next_look(life, {}, true).why, look_reason::event);
  EXPECT_TRUE(life.hear(event_of(event_kind::complete, 6min), both(10min + 1s))) << "the clocks may differ by five minutes";
  EXPECT_EQ(next_look(life, {}, true).why, look_reason::event);
}

TEST(look_schedule, a_partials_event_asks_for_a_look_only_until_the_end_is_known) {
  for (auto const kind : {event_kind::partial, event_kind::predicted_complete}) {
    auto unknown = after_looks({0s});
    EXPECT_TRUE(unknown.hear(event_of(kind, 10min), both(10min)));
    EXPECT_EQ(planned(unknown, {}, true), 10min);
    auto known = after_partial(10min);
    EXPECT_TRUE(known.hear(event_of(kind, 11min), both(11min)));
    EXPECT_EQ(planned(known, {}, true), 35min);
  }
}

TEST(look_schedule, while_events_arrive_looks_are_a_safety_net) {
  EXPECT_EQ(planned(after_looks({0s}), {}, true), 12min);
  EXPECT_EQ(planned(after_partial(10min), {}, true), 35min);
  EXPECT_EQ(planned(after_partial(35min), {}, true), 40min);
}

TEST(look_schedule, an_end_in_the_future_or_without_sense_counts_as_near) {
  auto life = after_looks({0s});
  life.note_partial(wall_epoch + 24h, at(1min), both(1min));
  EXPECT_EQ(planned(life), 31min) << "the call has ended when its partial is there";
  life.note_partial(wall_time::min(), at(2min), both(2min));
  EXPECT_EQ(planned(life), 7min);
  life.note_partial(wall_time::max(), at(3min), both(3min));
  EXPECT_EQ(planned(life), 33min);
}

TEST(look_schedule, a_partial_without_an_end_is_one_more_look) {
  auto life = after_looks({0s});
  life.note_partial(std::nullopt, at(15s), both(15s));
  EXPECT_EQ(planned(life), 45s);
}

TEST(look_schedule, the_same_answer_through_the_fleet_is_no_further_look) {
  auto life = after_looks({0s});
  life.note_not_ready(not_ready_answer_of(), at(0s), both(1s));
  EXPECT_EQ(life.looks_without_end, 1U);
}

TEST(look_schedule, each_reason_is_plain) {
  for (std::size_t i = 0; i < look_reason_count; ++i) {
    auto const text = explained(static_cast<look_reason>(i));
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(hard_to_read(text), "") << text;
  }
}

}  // namespace
}  // namespace gateway::look_schedule_test
