// What all workers together know of the calls that are not ready.
#include "app/state/polled_calls.hpp"

#include <gtest/gtest.h>

#include "polling/lives.hpp"

namespace gateway::test::polled_calls_test {
namespace {

using namespace std::chrono_literals;

constexpr short_hash_key table_key{};  // that of key_number()
auto const key = key_number(1);

struct polled_calls_test : testing::Test {
  polled_calls polled{look_rules{}, table_key};

  void look(const cache_key& whose, std::chrono::nanoseconds when) {
    polled.note_not_ready(whose, not_ready_answer_of(), at(when), both(when));
  }
  std::optional<std::chrono::nanoseconds> next(const cache_key& whose, std::chrono::nanoseconds now) {
    auto const planned = polled.next_look(whose, both(now));
    return planned ? std::optional<std::chrono::nanoseconds>{*planned - at({})} : std::nullopt;
  }
};

TEST_F(polled_calls_test, a_call_without_a_look_has_no_plan) {
  EXPECT_EQ(next(key, 0s), std::nullopt);
  EXPECT_FALSE(polled.plan_of(key, both(0s)));
}

TEST_F(polled_calls_test, not_ready_is_remembered_for_its_partition_alone) {
  look(key, 0s);
  EXPECT_EQ(next(key, 1s), 15s);
  EXPECT_EQ(next(key_number(1, 9), 1s), std::nullopt);
  auto const plan = polled.plan_of(key, both(1s));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->status, 404);
  EXPECT_EQ(plan->content_type, "application/json");
  EXPECT_EQ(plan->body, not_ready_answer_of().body);
}

TEST_F(polled_calls_test, a_partial_for_a_client_begins_no_life) {
  polled.note_partial(key, wall_epoch, at(0s), both(0s));
  EXPECT_EQ(next(key, 1s), std::nullopt);
}

TEST_F(polled_calls_test, a_partial_tells_the_end) {
  look(key, 10min);
  polled.note_partial(key, wall_epoch, at(11min), both(11min));
  EXPECT_EQ(next(key, 12min), 30min);
}

TEST_F(polled_calls_test, an_answer_that_is_too_long_or_coded_is_not_remembered) {
  auto answer = not_ready_answer_of();
  answer.body = std::string(1025, 'x');
  polled.note_not_ready(key, answer, at(0s), both(0s));
  EXPECT_FALSE(polled.plan_of(key, both(1s)));
  answer = not_ready_answer_of();
  answer.fields.push_back({"Content-Encoding", "br"});
  polled.note_not_ready(key, answer, at(2s), both(2s));
  EXPECT_FALSE(polled.plan_of(key, both(3s)));
  EXPECT_EQ(next(key, 3s), 32s) << "the looks are scheduled all the same";
}

TEST_F(polled_calls_test, a_refused_question_for_a_partial_is_not_asked_again) {
  look(key, 0s);
  polled.note_plain_only(key, both(1s));
  EXPECT_FALSE(polled.plan_of(key, both(1s)));
  look(key, 15s);
  EXPECT_FALSE(polled.plan_of(key, both(16s)));
}

TEST_F(polled_calls_test, a_life_ends_with_the_summary) {
  look(key, 0s);
  polled.note_ended(key);
  EXPECT_EQ(next(key, 1s), std::nullopt);
  EXPECT_EQ(polled.size(), 0U);
}

TEST_F(polled_calls_test, an_event_reaches_all_partitions_of_its_call_and_no_other_call) {
  look(key_number(1, 1), 0s);
  look(key_number(1, 2), 0s);
  look(key_number(2, 3), 0s);
  polled.hear(event_of(event_kind::complete, 2s, 1), both(2s));
  EXPECT_EQ(next(key_number(1, 1), 3s), 2s);
  EXPECT_EQ(next(key_number(1, 2), 3s), 2s);
  EXPECT_EQ(next(key_number(2, 3), 3s), 15s);
}

TEST_F(polled_calls_test, events_of_one_call_slow_down_the_looks_at_the_other_calls_of_its_partition_for_an_hour) {
  look(key_number(1, 1), 0s);
  polled.hear(event_of(event_kind::complete, 1s, 1), both(1s));
  look(key_number(2, 1), 2s);
  look(key_number(2, 2), 2s);
  EXPECT_EQ(next(key_number(2, 1), 3s), 2s + 12min);
  EXPECT_EQ(next(key_number(2, 2), 3s), 17s) << "another partition";
  EXPECT_EQ(next(key_number(2, 1), 1h + 1s), 17s) << "events no longer arrive";
}

// Replicas hear of an event one after the other.
TEST_F(polled_calls_test, a_look_of_another_replica_has_seen_the_event_if_it_was_sent_when_that_was_heard) {
  for (auto const& [owner, sent, has_seen] : {std::tuple{1U, 9900ms, true}, std::tuple{2U, 9000ms, false}}) {
    auto const whose = key_number(1, owner);
    look(whose, 1s);
    polled.hear(event_of(event_kind::complete, 10s), both(10s));
    EXPECT_EQ(next(whose, 11s), 10s);
    polled.note_shared_look(whose, not_ready_answer_of("60"), at(sent), both(11s));
    EXPECT_EQ(next(whose, 11s) > 11s, has_seen) << owner;
  }
}

TEST_F(polled_calls_test, a_replayed_event_does_not_slow_looks_down) {
  look(key_number(1, 1), 1h);
  polled.hear(event_of(event_kind::complete, 1s, 1), both(1h + 1s));
  EXPECT_EQ(next(key_number(1, 1), 1h + 2s), 1h + 15s);
}

TEST_F(polled_calls_test, an_event_about_an_unknown_call_changes_nothing) {
  polled.hear(event_of(event_kind::complete, 1s, 1), both(1s));
  EXPECT_EQ(polled.size(), 0U);
}

TEST_F(polled_calls_test, a_purge_forgets_the_call_or_all_calls) {
  for (unsigned call = 1; call <= 40; ++call) look(key_number(call), 0s);
  polled.purge({call_number(1), std::nullopt}, at(1s));
  EXPECT_EQ(next(key_number(1), 1s), std::nullopt);
  EXPECT_EQ(polled.size(), 39U);
  polled.purge({std::nullopt, account_number(1)}, at(1s));
  EXPECT_EQ(polled.size(), 0U);
}

TEST_F(polled_calls_test, a_look_that_was_sent_before_the_purge_tells_nothing) {
  polled.purge({}, at(1s));
  look(key, 1s);
  EXPECT_EQ(polled.size(), 0U);
  look(key, 2s);
  EXPECT_EQ(polled.size(), 1U);
}

TEST_F(polled_calls_test, a_stored_answer_spares_one_look_each_least_step) {
  EXPECT_FALSE(polled.spares_look(key, at(0s))) << "nothing is known";
  look(key, 0s);
  EXPECT_FALSE(polled.spares_look(key, at(4s)));
  EXPECT_TRUE(polled.spares_look(key, at(5s)));
  EXPECT_FALSE(polled.spares_look(key, at(9s)));
  EXPECT_TRUE(polled.spares_look(key, at(10s)));
}

TEST_F(polled_calls_test, once_the_end_is_known_partials_are_not_asked_for) {
  look(key, 0s);
  polled.note_partial(key, wall_epoch, at(1s), both(1s));
  EXPECT_FALSE(polled.plan_of(key, both(2s)));
}

TEST_F(polled_calls_test, new_rules_apply_to_known_calls) {
  look(key, 0s);
  polled.set_rules({1min, 2min, 30min});
  EXPECT_EQ(next(key, 1s), 1min);
}

TEST_F(polled_calls_test, operators_see_the_plan_of_each_partition) {
  look(key_number(1, 1), 0s);
  look(key_number(1, 2), 1s);
  auto const all = polled.list(call_number(1), both(2s));
  ASSERT_EQ(all.size(), 2U);
  for (auto const& one : all) EXPECT_EQ(one.plan.at, one.life.looked_at + 15s);
}

}  // namespace
}  // namespace gateway::test::polled_calls_test
