#include "core/upstream/remember.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cache/entries.hpp"
#include "upstream/answers.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::Contains;
using testing::ElementsAre;

const instant now{at({}), wall_time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}}};
const std::string complete_body =
    summary_body(R"( , "processing_state" : "complete","annotation":{"comment":"\u00e9 é"}, "end_time":"2026-01-09T00:00:00Z")");

remembered keep(const upstream_answer& answer) {
  body_reader reader;
  return remember(answer, judge_answer(answer, asked(), reader), now, freshness_policy{});
}

std::vector<std::string> hit_lines(const remembered& r) { return lines_of(r.made->for_hit(false)); }
std::vector<std::string> first_lines(const remembered& r) { return lines_of(r.made->for_first(false)); }

TEST(remember, keeps_the_exact_bytes) {
  auto const kept = keep(made_answer(200, complete_body));
  EXPECT_TRUE(kept.keep);
  EXPECT_EQ(kept.made->body(), complete_body);
  EXPECT_TRUE(kept.made->for_hit(true).ends_with("\r\n\r\n" + complete_body));
  EXPECT_TRUE(kept.made->for_first(true).ends_with("\r\n\r\n" + complete_body));
  EXPECT_TRUE(kept.made->for_hit(false).ends_with("\r\n\r\n"));
}

TEST(remember, holds_no_byte_more_than_it_sends) {
  auto const kept = keep(made_answer(200, complete_body));
  EXPECT_EQ(kept.made->wire.capacity(), kept.made->wire.size());
}

TEST(remember, the_lines_of_a_complete_summary) {
  auto const kept = keep(made_answer(200, complete_body,
                                     {{"Twilio-Request-Id", "RQ1"},
                                      {"Twilio-Request-Duration", "0.143"},
                                      {"twilio-concurrent-requests", "1"},
                                      {"X-Home-Region", "us1"},
                                      {"Access-Control-Allow-Origin", "*"},
                                      {"Date", "Thu, 01 Jan 2026 00:00:00 GMT"},
                                      {"Connection", "keep-alive, X-Hop"},
                                      {"X-Hop", "1"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Content-Length", "1"},
                                      {"ETag", "\"theirs\""},
                                      {"Cache-Control", "public"},
                                      {"Set-Cookie", "a=b"},
                                      {"Strict-Transport-Security", "max-age=1"}}));
  auto const length = "Content-Length: " + std::to_string(complete_body.size());
  EXPECT_THAT(hit_lines(kept), ElementsAre("X-Origin-Twilio-Request-Id: RQ1", "Content-Type: application/json", "X-Home-Region: us1",
                                           "Access-Control-Allow-Origin: *", "ETag: " + kept.made->etag, "Cache-Control: private, no-cache",
                                           "Vary: Authorization, Accept-Encoding", length, ""));
  EXPECT_THAT(first_lines(kept), ElementsAre("Content-Type: application/json", "X-Home-Region: us1", "Access-Control-Allow-Origin: *",
                                             "ETag: " + kept.made->etag, "Cache-Control: private, no-cache",
                                             "Vary: Authorization, Accept-Encoding", length, ""));
  EXPECT_EQ(kept.fresh_fields, "Twilio-Request-Id: RQ1\r\nTwilio-Request-Duration: 0.143\r\ntwilio-concurrent-requests: 1\r\n");
}

TEST(remember, an_error_has_no_etag_and_keeps_its_own_words) {
  auto const body = R"({"code":17001,"message":"not yet","more_info":"u","status":404})"s;
  auto const kept = keep(made_answer(404, body, {{"Twilio-Request-Id", "RQ1"}, {"Retry-After", "7"}}));
  EXPECT_TRUE(kept.keep);
  EXPECT_EQ(kept.made->kind, answer_kind::not_ready);
  EXPECT_EQ(kept.made->status, 404);
  EXPECT_EQ(kept.made->code, 17001);
  EXPECT_EQ(kept.made->etag, "");
  EXPECT_EQ(kept.made->body(), body);
  EXPECT_THAT(first_lines(kept), ElementsAre("Content-Type: application/json", "Retry-After: 7", "Vary: Authorization, Accept-Encoding",
                                             "Content-Length: " + std::to_string(body.size()), ""));
}

TEST(remember, an_empty_body_is_an_empty_body) {
  auto const made = keep(made_answer(403, "")).made;
  EXPECT_EQ(made->body(), "");
  EXPECT_THAT(lines_of(made->for_hit(true)), Contains("Content-Length: 0"));
}

TEST(remember, the_etag_is_that_of_the_bytes) {
  auto const tag = keep(made_answer(200, complete_body)).made->etag;
  EXPECT_THAT(tag, testing::MatchesRegex("\"[0-9a-f]*\""));
  EXPECT_EQ(tag.size(), 34u);
  auto const elsewhere = keep(made_answer(200, complete_body, {{"X", "y"}, {"Twilio-Request-Id", "RQ2"}}));
  EXPECT_EQ(elsewhere.made->etag, tag) << "the same bytes at any time, from any replica";
  EXPECT_NE(keep(made_answer(200, complete_body + " ")).made->etag, tag);
  EXPECT_NE(keep(made_answer(200, summary_body(""))).made->etag, tag);
  // BLAKE2b-128 of the body; a changed digest would cost every client its cached copy.
  EXPECT_EQ(keep(made_answer(200, summary_body(""))).made->etag, "\"7539ea29c3f080872c541fd17e09e097\"");
}

TEST(remember, what_may_be_kept) {
  struct row {
    std::string_view name;
    upstream_answer answer;
    bool keep;
  };
  const row rows[] = {
      {"complete", made_answer(200, complete_body), true},
      {"partial", made_answer(200, summary_body(R"(,"processing_state":"partial")")), false},
      {"not ready", made_answer(404, error_body(17001)), true},
      {"absent", made_answer(404, error_body(20404)), true},
      {"permanent", made_answer(404, error_body(17002)), true},
      {"refused", made_answer(401, error_body(20003)), false},
      {"another's call", made_answer(403, error_body(17000)), false},
      {"throttled", made_answer(429, error_body(20429)), false},
      {"rejected", made_answer(400, error_body(17400)), false},
      {"its record is over", made_answer(200, summary_body(R"(,"processing_state":"complete","end_time":"2025-12-01T00:00:00Z")")), false},
      {"ended in the year 1700", made_answer(200, summary_body(R"(,"processing_state":"complete","end_time":"1700-01-01T00:00:00Z")")),
       false},
  };
  for (auto const& r : rows) {
    auto const made = keep(r.answer);
    EXPECT_EQ(made.keep, r.keep) << r.name;
    EXPECT_EQ(made.made->body(), r.answer.body) << r.name << ": deliverable in any case";
  }
}

TEST(remember, never_longer_than_the_record_lives) {
  auto const made = keep(made_answer(200, complete_body)).made;
  EXPECT_EQ(made->stored_at, now.mono);
  EXPECT_EQ(made->fresh_until - now.mono, 1h);
  EXPECT_EQ(made->gone_at - now.mono, 29 * 24h);
}

}  // namespace
}  // namespace gateway
