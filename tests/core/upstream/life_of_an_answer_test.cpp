// The state table: what becomes of each possible Twilio answer, by its status, code, processing_state and the call's end, and what a
// request finds some time later. It documents core/upstream/verdict, core/cache/freshness and core/cache/lookup.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "cache/entries.hpp"
#include "core/cache/lookup.hpp"
#include "core/upstream/remember.hpp"
#include "upstream/answers.hpp"

namespace gateway::life_of_an_answer_test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr auto days = 24h;
constexpr std::chrono::nanoseconds no_end{-1};

freshness_policy policy() {
  freshness_policy p;
  p.fresh_for = 1h;
  p.not_ready_for = 5s;
  p.absent_for = 5s;
  p.permanent_for = 1h;
  return p;
}

std::string rfc3339(wall_time at) {
  auto const day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day const date{day};
  std::chrono::hh_mm_ss const time{std::chrono::floor<std::chrono::seconds>(at - day)};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

upstream_answer summary(std::string_view state, std::chrono::nanoseconds ended_ago, std::chrono::nanoseconds now = 0s) {
  std::string more;
  if (!state.empty()) more.append(R"(,"processing_state":)").append(state);
  if (ended_ago != no_end) more.append(R"(,"end_time":")").append(rfc3339(wall_epoch + now - ended_ago)).append("\"");
  return made_answer(200, summary_body(more));
}

// One cache lookup, in the words of core/cache/lookup.
std::string_view later(lru_store& store, std::chrono::nanoseconds after) {
  auto const now = both(after);
  return name_of(decide(store.find(key_number(10), now), processing_state::absent, {}, now, policy()).is);
}

// "complete", or the reason why it was not stored.
std::string_view file(lru_store& store, const upstream_answer& answer, std::chrono::nanoseconds when) {
  body_reader reader;
  auto const meaning = judge_answer(answer, asked(), reader);
  if (meaning.is == verdict_kind::broken) return name_of(meaning.why_not);
  auto const made = remember(answer, meaning, both(when), policy());
  if (made.why_not) return name_of(*made.why_not);
  auto const refused = store.insert(key_number(10), made.made, both(when));
  return refused ? name_of(*refused) : name_of(made.made->kind);
}

// Stored answers: what a request finds at each time after the answer came.
TEST(life_of_an_answer, state_table_of_what_is_stored) {
  struct row {
    upstream_answer answer;
    std::string_view stored;
    std::string_view in_4s, in_6s, in_59min, in_61min, in_19_days, in_30_days;
  };
  auto const error = [](int status, int code) { return made_answer(status, error_body(code)); };
  auto const C = R"("complete")";
  const row rows[] = {
      // 200, complete: fresh, then stale for a day, then served only if the upstream fails, and removed 30 days after the call's end
      {summary(C, 0s), "complete", "hit", "hit", "hit", "stale", "overdue", "nothing"},
      {summary(C, 30min), "complete", "hit", "hit", "hit", "stale", "overdue", "nothing"},
      {summary(C, 11 * days), "complete", "hit", "hit", "hit", "stale", "nothing", "nothing"},
      {summary(C, 30 * days - 1h), "complete", "hit", "hit", "hit", "nothing", "nothing", "nothing"},
      {summary(C, 30 * days - 5s), "complete", "hit", "nothing", "nothing", "nothing", "nothing", "nothing"},
      {summary(C, -1h), "complete", "hit", "hit", "hit", "stale", "overdue", "nothing"},
      {summary(C, no_end), "complete", "hit", "hit", "hit", "stale", "overdue", "nothing"},
      // The summary is not ready: stored until the next useful request
      {error(404, 17001), "not_ready", "hit", "nothing", "nothing", "nothing", "nothing", "nothing"},
      {error(400, 17001), "not_ready", "hit", "nothing", "nothing", "nothing", "nothing", "nothing"},
      // The call does not exist, does not exist yet, or is not visible to this credential
      {error(404, 20404), "absent", "hit", "nothing", "nothing", "nothing", "nothing", "nothing"},
      {error(404, 17000), "absent", "hit", "nothing", "nothing", "nothing", "nothing", "nothing"},
      // There will never be a summary
      {error(404, 17002), "permanent", "hit", "hit", "hit", "nothing", "nothing", "nothing"},
      {error(400, 17002), "permanent", "hit", "hit", "hit", "nothing", "nothing", "nothing"},
      {error(404, 17007), "permanent", "hit", "hit", "hit", "nothing", "nothing", "nothing"},
  };
  for (auto const& r : rows) {
    lru_store store{{1 << 20, 1 << 20}};
    auto const where = std::to_string(r.answer.status) + " " + r.answer.body;
    EXPECT_EQ(file(store, r.answer, 0s), r.stored) << where;
    EXPECT_EQ(later(store, 4s), r.in_4s) << where;
    EXPECT_EQ(later(store, 6s), r.in_6s) << where;
    EXPECT_EQ(later(store, 59min), r.in_59min) << where;
    EXPECT_EQ(later(store, 61min), r.in_61min) << where;
    EXPECT_EQ(later(store, 19 * days), r.in_19_days) << where;
    EXPECT_EQ(later(store, 30 * days), r.in_30_days) << where;
  }
}

// Answers that are not stored, and why: the next request finds nothing.
TEST(life_of_an_answer, state_table_of_what_is_not_stored) {
  struct row {
    upstream_answer answer;
    std::string_view why;
  };
  auto const error = [](int status, int code) { return made_answer(status, error_body(code)); };
  const row rows[] = {
      // 200, by processing_state and the call's end
      {summary(R"("complete")", 30 * days), "record_over"},
      {summary(R"("complete")", 400 * days), "record_over"},
      {summary(R"("complete","end_time":"soon")", no_end), "ambiguous"},
      {summary(R"("complete","processing_state":"complete")", 0s), "ambiguous"},
      {summary(R"("partial")", 0s), "partial"},
      {summary(R"("partial")", 40 * days), "partial"},
      {summary(R"("COMPLETE")", 0s), "unknown_state"},
      {summary("true", 0s), "unknown_state"},
      {summary("null", 0s), "unknown_state"},
      {summary("", 0s), "unknown_state"},
      {error(200, 17001), "wrong_call"},
      {made_answer(200, "{"), "unusable_body"},
      // Refusals of the credential, or of its access to the call: it may be allowed later
      {error(401, 20003), "never"},
      {error(401, 70051), "never"},
      {error(403, 20403), "never"},
      {error(403, 17000), "never"},
      {error(400, 20003), "never"},
      // Throttling, upstream errors, and mistakes of this request only
      {error(429, 20429), "never"},
      {error(400, 20429), "never"},
      {error(500, 17008), "never"},
      {error(503, 17009), "never"},
      {error(400, 17400), "never"},
      {error(400, 20001), "never"},
      {error(404, 0), "never"},
      {error(301, 0), "never"},
  };
  for (auto const& r : rows) {
    lru_store store{{1 << 20, 1 << 20}};
    EXPECT_EQ(file(store, r.answer, 0s), r.why) << r.answer.status << " " << r.answer.body;
    EXPECT_EQ(later(store, 0s), "nothing") << r.answer.status << " " << r.answer.body;
  }
}

TEST(life_of_an_answer, some_statuses_are_never_stored_whatever_their_code) {
  for (int const status : {401, 403, 429, 500, 502, 503, 504}) {
    for (int const code : {0, 17000, 17001, 17002, 17007, 17008, 17009, 17400, 20001, 20003, 20403, 20404, 20429, 70051}) {
      lru_store store{{1 << 20, 1 << 20}};
      EXPECT_EQ(file(store, made_answer(status, error_body(code)), 0s), "never") << status << " " << code;
    }
  }
}

// Answers of racing fetches arrive in any order. Once a complete summary is stored, no lesser answer replaces it: a request finds the last
// complete one that arrived, or a permanent refusal that arrived after it.
TEST(life_of_an_answer, no_order_of_arrivals_lets_a_partial_replace_a_complete) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random{seed};
    lru_store store{{1 << 20, 1 << 20}};
    std::string expected;  // the body that must be found; "": no complete one has arrived yet
    auto now = std::chrono::nanoseconds{0};
    for (int step = 0; step < 40; ++step) {
      now += std::chrono::milliseconds{random() % 3'000};
      auto const number = std::to_string(step);
      switch (random() % 7) {
        case 0: {
          auto const answer = made_answer(200, summary_body(R"(,"processing_state":"complete","duration":)" + number));
          ASSERT_EQ(file(store, answer, now), "complete") << seed;
          expected = answer.body;
          break;
        }
        case 1:
        case 2:
          file(store, made_answer(200, summary_body(R"(,"processing_state":"partial","duration":)" + number)), now);
          break;
        case 3:
          file(store, made_answer(404, error_body(17001)), now);
          break;
        case 4:
          file(store, made_answer(404, error_body(20404)), now);
          break;
        case 5:
          file(store, made_answer(random() % 2 ? 503 : 429, error_body(20429)), now);
          break;
        default:
          file(store, made_answer(200, summary_body("")), now);
      }
      auto const kept = store.find(key_number(10), both(now)).stored;
      if (expected.empty()) {
        ASSERT_TRUE(!kept || kept->kind != answer_kind::complete) << seed << " " << step;
      } else {
        ASSERT_NE(kept, nullptr) << seed << " " << step;
        ASSERT_EQ(kept->plain.body(), expected) << seed << " " << step;
      }
    }
  }
}

// Retry-After of a "not ready": the seconds until the stored answer expires, rounded up. A client that waits so long gets a new answer.
TEST(life_of_an_answer, retry_after_is_the_rest_of_the_memory) {
  body_reader reader;
  auto const made = [&](const upstream_answer& answer) {
    return remember(answer, judge_answer(answer, asked(), reader), both(0s), policy()).made;
  };
  auto const not_ready = made(made_answer(404, error_body(17001)));
  EXPECT_EQ(retry_after_of(*not_ready, at(0s)), 5s);
  EXPECT_EQ(retry_after_of(*not_ready, at(1ns)), 5s);
  EXPECT_EQ(retry_after_of(*not_ready, at(1s)), 4s);
  EXPECT_EQ(retry_after_of(*not_ready, at(4900ms)), 1s);
  EXPECT_EQ(retry_after_of(*not_ready, at(5s)), 1s) << "at least one";
  EXPECT_EQ(retry_after_of(*made(summary(R"("complete")", 0s)), at(0s)), 0s);
  EXPECT_EQ(retry_after_of(*made(summary(R"("partial")", 0s)), at(0s)), 0s);
  EXPECT_EQ(retry_after_of(*made(made_answer(404, error_body(20404))), at(0s)), 0s);
}

}  // namespace
}  // namespace gateway::life_of_an_answer_test
