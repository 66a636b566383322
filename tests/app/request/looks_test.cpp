// A look at a call that is not ready: what it asks, what the reader gets, and how long that is stored.
#include "app/request/looks.hpp"

#include <gtest/gtest.h>

#include <random>

#include "request/fetching.hpp"
#include "request/played_twilio.hpp"

namespace gateway::test::looks_test {
namespace {

using namespace std::chrono_literals;
using stage = played_twilio::stage;

struct looks_test : fetching {
  // A look, whatever is stored.
  fetch_result_ptr look(const cache_key& key, processing_state state = processing_state::absent) {
    auto joined = fetches.join(key, state, true, who, mono_now() + 10s);
    EXPECT_TRUE(joined.lead);
    fetch_result_ptr result;
    at.start_task("wait", wait(joined.joined, at.get_executor(), result));
    fetch_order order{key, state, asking(), who};
    order.since = mono_time::max();
    fetches.run(std::move(*joined.lead), std::move(order));
    run();
    EXPECT_TRUE(result);
    return result;
  }
  static cache_key key_of(unsigned call, unsigned owner = 0) {
    partition whose;
    whose.id[0] = static_cast<std::byte>(owner);
    return {whose, *call_sid::parse(tenants::sid("CA", call)), short_hash_key{}};
  }
  [[nodiscard]] std::chrono::nanoseconds stored_for(const cache_key& whose) const {
    auto const stored = shared.cache.peek(whose);
    return stored ? stored->gone_at - mono_now() : 0ns;
  }
  [[nodiscard]] std::uint64_t looks_with(look_result what) const { return at.counters.looks[static_cast<std::size_t>(what)].get(); }

  played_twilio twilio;
  held_lane lane{at.get_executor()};
  fetch_runner fetches{at, twilio, at.config.upstream, parts.fetching};
  cache_key const key = key_of(0);
};

TEST_F(looks_test, not_ready_is_stored_until_the_next_look) {
  look(key);
  EXPECT_GT(stored_for(key), 14s);
  EXPECT_LE(stored_for(key), 15s);
  look(key);
  EXPECT_GT(stored_for(key), 29s);
}

TEST_F(looks_test, the_first_question_is_the_clients_the_next_one_is_for_a_partial) {
  look(key);
  EXPECT_FALSE(twilio.asked_for_partial());
  look(key);
  EXPECT_TRUE(twilio.asked_for_partial());
  EXPECT_EQ(looks_with(look_result::not_ready), 2U);
}

TEST_F(looks_test, a_partial_reaches_no_reader_who_wants_the_complete_summary) {
  auto const before = look(key);
  twilio.at[0] = stage::partial;
  for (auto const state : {processing_state::absent, processing_state::complete}) {
    shared.polled.purge({}, mono_now());
    look(key);  // plain again
    auto const result = look(key, state);
    EXPECT_TRUE(twilio.asked_for_partial());
    auto const& made = *result->answer.made;
    EXPECT_EQ(made.status, 404);
    EXPECT_EQ(made.code, 17001);
    EXPECT_EQ(made.kind, answer_kind::not_ready);
    EXPECT_EQ(made.plain.body(), before->answer.made->plain.body());
    EXPECT_EQ(made.plain.etag(), "") << "it describes the partial";
    EXPECT_NE(result->answer.fresh_fields.find("RQ1"), std::string::npos) << "it describes the exchange";
    EXPECT_TRUE(result->answer.is_stored());
  }
  EXPECT_EQ(looks_with(look_result::partial), 2U);
}

TEST_F(looks_test, once_the_end_is_known_the_complete_summary_is_asked_for) {
  look(key);
  twilio.at[0] = stage::partial;
  look(key);
  look(key);
  EXPECT_FALSE(twilio.asked_for_partial());
}

TEST_F(looks_test, the_known_end_decides_how_long_not_ready_is_stored) {
  look(key);
  twilio.at[0] = stage::partial;
  look(key);
  EXPECT_GT(stored_for(key), 29min);
  EXPECT_LE(stored_for(key), 30min);
}

TEST_F(looks_test, a_partial_that_does_not_name_the_end_is_asked_for_once) {
  twilio.end_time = "";
  look(key);
  twilio.at[0] = stage::partial;
  look(key);
  EXPECT_TRUE(twilio.asked_for_partial());
  look(key);
  EXPECT_FALSE(twilio.asked_for_partial());
}

TEST_F(looks_test, a_complete_summary_ends_the_life_whatever_was_asked_for) {
  look(key);
  twilio.at[0] = stage::complete;
  auto const result = look(key);
  EXPECT_TRUE(twilio.asked_for_partial());
  EXPECT_EQ(result->answer.made->kind, answer_kind::complete);
  EXPECT_EQ(shared.polled.size(), 0U);
  EXPECT_EQ(looks_with(look_result::complete), 1U);
  look(key);
  EXPECT_EQ(looks_with(look_result::complete), 1U) << "a refresh of a stored summary is no look";
}

TEST_F(looks_test, an_upstream_that_refuses_the_question_is_asked_plainly_at_once_and_from_then_on) {
  look(key);
  twilio.refuses_partials = true;
  auto const result = look(key);
  ASSERT_EQ(twilio.targets.size(), 3U);
  EXPECT_FALSE(twilio.asked_for_partial());
  EXPECT_EQ(result->answer.made->code, 17001) << "the reader never sees the refusal of a question that is not theirs";
  look(key);
  EXPECT_EQ(twilio.targets.size(), 4U);
}

TEST_F(looks_test, a_partial_that_cannot_be_read_clearly_reaches_no_reader_who_wants_the_complete_summary) {
  look(key);
  twilio.at[0] = stage::partial;
  twilio.end_time = "soon";
  auto const result = look(key);
  EXPECT_FALSE(twilio.asked_for_partial()) << "the question was repeated as the reader asked it";
  EXPECT_EQ(result->answer.made->code, 17001);
}

// The question cannot be repeated, because no request waits for the answer any more.
TEST_F(looks_test, what_is_unclear_reaches_no_reader_though_the_plain_question_cannot_follow) {
  look(key);
  twilio.at[0] = stage::partial;
  for (bool const refused : {false, true}) {
    shared.polled.purge({}, mono_now());
    look(key);
    twilio.refuses_partials = refused;
    twilio.end_time = "soon";
    held_reader complete{shared.held, lane, key, processing_state::absent, 0, mono_now()};
    held_reader partial{shared.held, lane, key, processing_state::partial, 0, mono_now()};
    auto joined = fetches.join(key, processing_state::absent, true, who, mono_now() + 10s);
    fetch_order order{key, processing_state::absent, asking(), who};
    order.since = mono_time::max();
    fetches.run(std::move(*joined.lead), std::move(order));
    run();
    fetch_result_ptr result;
    at.start_task("wait", wait(joined.joined, at.get_executor(), result));
    run();
    ASSERT_TRUE(result);
    EXPECT_TRUE(twilio.asked_for_partial());
    EXPECT_EQ(result->answer.made->status, 404);
    EXPECT_EQ(result->answer.made->code, 17001);
    EXPECT_FALSE(result->answer.is_stored());
    EXPECT_FALSE(complete.end());
    EXPECT_FALSE(partial.end());
  }
}

TEST_F(looks_test, a_partial_that_a_look_finds_is_for_the_held_readers_that_take_one) {
  look(key);
  twilio.at[0] = stage::partial;
  held_reader complete{shared.held, lane, key, processing_state::absent, 0, mono_now()};
  held_reader partial{shared.held, lane, key, processing_state::partial, 0, mono_now()};
  auto const result = look(key);
  EXPECT_EQ(result->answer.made->status, 404);
  EXPECT_FALSE(complete.end());
  auto const& given = partial.end();
  ASSERT_TRUE(given);
  EXPECT_EQ(given->answer.made->status, 200);
  EXPECT_EQ(given->answer.why_not, not_stored::partial);
}

TEST_F(looks_test, a_partial_that_a_look_finds_has_the_fields_that_the_setting_adds) {
  look(key);
  twilio.at[0] = stage::partial;
  at.config.upstream.answer_fields = {"X-New"};
  held_reader partial{shared.held, lane, key, processing_state::partial, 0, mono_now()};
  look(key);
  ASSERT_TRUE(partial.end());
  EXPECT_NE(partial.end()->answer.made->plain.for_first(true).find("X-New: 1"), std::string_view::npos);
}

TEST_F(looks_test, held_readers_are_looked_for_after_an_event_though_not_ready_is_stored) {
  auto const look_of_watch = [&] {
    auto joined = fetches.join(key, processing_state::absent, true, who, mono_now() + 10s);
    fetch_order order{key, processing_state::absent, asking(), who};
    order.is_look = true;
    fetches.run(std::move(*joined.lead), std::move(order));
    run();
    return twilio.targets.size();
  };
  EXPECT_EQ(look_of_watch(), 1U);
  EXPECT_EQ(look_of_watch(), 1U) << "no look is due";
  shared.polled.hear({event_kind::complete, key.call, std::nullopt, now().wall}, now());
  EXPECT_EQ(look_of_watch(), 2U);
  EXPECT_EQ(look_of_watch(), 2U) << "it has been seen";
}

TEST_F(looks_test, a_reader_of_partials_gets_them_as_they_are) {
  look(key);
  twilio.at[0] = stage::partial;
  auto const result = look(key, processing_state::partial);
  EXPECT_EQ(result->answer.made->status, 200);
  EXPECT_EQ(result->answer.why_not, not_stored::partial);
  look(key);
  EXPECT_FALSE(twilio.asked_for_partial()) << "that answer has told when the call ended";
}

TEST_F(looks_test, partitions_share_no_look) {
  look(key_of(0, 1));
  look(key_of(0, 2));
  EXPECT_FALSE(twilio.asked_for_partial()) << "the second partition's first question";
  EXPECT_EQ(stored_for(key_of(0, 3)), 0ns);
}

TEST_F(looks_test, the_answer_to_a_look_that_was_sent_before_a_purge_is_not_remembered) {
  looks notes{at, shared.polled};
  fetch_order const order{key, processing_state::absent, asking(), who};
  upstream_answer said{404, {}, R"({"code":17001})"};
  verdict meaning;
  meaning.is = verdict_kind::not_ready;
  auto const asked = mono_now();
  shared.polled.purge({}, mono_now());
  notes.note(order, std::nullopt, said, meaning, asked, now());
  EXPECT_EQ(shared.polled.size(), 0U);
}

TEST_F(looks_test, a_shared_answer_says_when_the_fleet_looks_next) {
  looks notes{at, shared.polled};
  verdict meaning;
  meaning.is = verdict_kind::not_ready;
  upstream_answer const said{404, {{"Retry-After", "120"}}, R"({"code":17001})"};
  auto const came = now();
  notes.note_shared(key, said, meaning, came.mono - 1s, came);
  EXPECT_EQ(notes.policy_for(key, meaning, came).not_ready_for, 120s);
}

// Random questions, stages, events and purges: each reader gets what the upstream would have said to their own question.
TEST_F(looks_test, model_of_random_sequences) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::minstd_rand chance{seed + 1};
    auto const pick = [&](unsigned below) { return std::uniform_int_distribution<unsigned>{0, below - 1}(chance); };
    shared.polled.purge({}, mono_now());
    shared.cache.purge({}, purge_depth::hard);
    twilio.at.fill(stage::not_ready);
    twilio.refuses_partials = pick(4) == 0;
    for (int step = 0; step < 150; ++step) {
      auto const call = pick(3);
      switch (pick(8)) {
        case 0:
          if (twilio.at[call] != stage::complete)
            twilio.at[call] = static_cast<stage>(pick(2) + static_cast<unsigned>(twilio.at[call] != stage::not_ready));
          break;
        case 1:
          shared.polled.hear({static_cast<event_kind>(pick(3)), key_of(call).call, std::nullopt, now().wall}, now());
          break;
        case 2:
          if (pick(5) == 0) shared.polled.purge({key_of(call).call, std::nullopt}, mono_now());
          break;
        default: {
          bool const wants_partial = !twilio.refuses_partials && pick(4) == 0;
          auto const mine = key_of(call, pick(2));
          auto const result = look(mine, wants_partial ? processing_state::partial : processing_state::absent);
          bool const summary = twilio.at[call] == stage::complete || (wants_partial && twilio.at[call] == stage::partial);
          ASSERT_EQ(result->answer.made->status, summary ? 200 : 404) << "seed " << seed << ", step " << step;
          ASSERT_EQ(result->answer.is_stored(), !summary || twilio.at[call] == stage::complete);
          if (auto const next = shared.polled.next_look(mine, now())) {
            ASSERT_NE(twilio.at[call], stage::complete) << "its life is over";
            if (!summary) {
              // The stored copy ends with the wait for the next look.
              ASSERT_LE(std::chrono::abs(*next - (mono_now() + stored_for(mine))), 1s) << "seed " << seed << ", step " << step;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace gateway::test::looks_test
