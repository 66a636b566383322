#include "core/upstream/remember.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "base/unpack.hpp"
#include "cache/entries.hpp"
#include "upstream/answers.hpp"

namespace gateway::remember_test {
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

std::vector<std::string> hit_lines(const remembered& r) { return lines_of(r.made->plain.for_hit(false)); }
std::vector<std::string> first_lines(const remembered& r) { return lines_of(r.made->plain.for_first(false)); }

TEST(remember, keeps_the_exact_bytes) {
  auto const kept = keep(made_answer(200, complete_body));
  EXPECT_TRUE(kept.is_stored());
  EXPECT_EQ(kept.made->plain.body(), complete_body);
  EXPECT_TRUE(kept.made->plain.for_hit(true).ends_with("\r\n\r\n" + complete_body));
  EXPECT_TRUE(kept.made->plain.for_first(true).ends_with("\r\n\r\n" + complete_body));
  EXPECT_TRUE(kept.made->plain.for_hit(false).ends_with("\r\n\r\n"));
}

TEST(remember, holds_no_byte_more_than_it_sends) {
  auto const kept = keep(made_answer(200, complete_body));
  EXPECT_EQ(kept.made->plain.wire.capacity(), kept.made->plain.wire.size());
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
  EXPECT_THAT(hit_lines(kept),
              ElementsAre("X-Origin-Twilio-Request-Id: RQ1", "Access-Control-Allow-Origin: *", "Content-Type: application/json",
                          "X-Home-Region: us1", "ETag: " + std::string{kept.made->plain.etag()}, "Cache-Control: private, no-cache",
                          "Vary: Authorization, Accept-Encoding", length, ""));
  EXPECT_THAT(first_lines(kept), ElementsAre("Access-Control-Allow-Origin: *", "Content-Type: application/json", "X-Home-Region: us1",
                                             "ETag: " + std::string{kept.made->plain.etag()}, "Cache-Control: private, no-cache",
                                             "Vary: Authorization, Accept-Encoding", length, ""));
  EXPECT_EQ(kept.made->plain.for_pages(), "Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(kept.fresh_fields, "Twilio-Request-Id: RQ1\r\nTwilio-Request-Duration: 0.143\r\ntwilio-concurrent-requests: 1\r\n");
}

TEST(remember, what_upstream_said_for_the_next_hop_only_is_no_history) {
  auto const kept = keep(made_answer(200, complete_body, {{"Twilio-Request-Id", "RQ1"}, {"Connection", "twilio-request-id"}}));
  EXPECT_THAT(hit_lines(kept), testing::Each(testing::Not(testing::HasSubstr("RQ1"))));
  EXPECT_EQ(kept.fresh_fields, "");
}

TEST(remember, an_error_has_no_etag_and_keeps_its_own_words) {
  auto const body = R"({"code":17001,"message":"not yet","more_info":"u","status":404})"s;
  auto const kept = keep(made_answer(404, body, {{"Twilio-Request-Id", "RQ1"}, {"Retry-After", "7"}}));
  EXPECT_TRUE(kept.is_stored());
  EXPECT_EQ(kept.made->kind, answer_kind::not_ready);
  EXPECT_EQ(kept.made->status, 404);
  EXPECT_EQ(kept.made->code, 17001);
  EXPECT_EQ(kept.made->plain.etag(), "");
  EXPECT_EQ(kept.made->plain.body(), body);
  EXPECT_THAT(first_lines(kept), ElementsAre("Content-Type: application/json", "Vary: Authorization, Accept-Encoding",
                                             "Content-Length: " + std::to_string(body.size()), ""))
      << "when to ask again is said with each answer anew";
}

TEST(remember, an_empty_body_is_an_empty_body) {
  auto const made = keep(made_answer(403, "")).made;
  EXPECT_EQ(made->plain.body(), "");
  EXPECT_THAT(lines_of(made->plain.for_hit(true)), Contains("Content-Length: 0"));
}

TEST(remember, the_etag_is_that_of_the_bytes) {
  std::string const tag{keep(made_answer(200, complete_body)).made->plain.etag()};
  EXPECT_THAT(tag, testing::MatchesRegex("\"[0-9a-f]*\""));
  EXPECT_EQ(tag.size(), 34u);
  auto const elsewhere = keep(made_answer(200, complete_body, {{"X", "y"}, {"Twilio-Request-Id", "RQ2"}}));
  EXPECT_EQ(elsewhere.made->plain.etag(), tag) << "the same bytes at any time, from any replica";
  EXPECT_NE(keep(made_answer(200, complete_body + " ")).made->plain.etag(), tag);
  EXPECT_NE(keep(made_answer(200, summary_body(""))).made->plain.etag(), tag);
  // XXH3-128 of the body; a changed digest would cost every client its cached copy.
  EXPECT_EQ(keep(made_answer(200, summary_body(""))).made->plain.etag(), "\"420a61e1451c22d253c1b336cb127af7\"");
}

TEST(remember, what_may_be_stored) {
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
    EXPECT_EQ(made.is_stored(), r.keep) << r.name;
    EXPECT_EQ(made.made->plain.body(), r.answer.body) << r.name << ": deliverable in any case";
  }
}

const std::string large_body = summary_body(R"(,"processing_state":"complete","account_sid":"AC00000000000000000000000000000001","x":")" +
                                            std::string(2'000, 'x') + "\"");

TEST(remember, a_large_summary_is_compressed_once_with_a_tag_and_a_length_of_its_own) {
  auto const kept = keep(made_answer(200, large_body, {{"Twilio-Request-Id", "RQ1"}, {"X-Home-Region", "us1"}})).made;
  ASSERT_LT(kept->gzip->body().size(), kept->plain.body().size());
  EXPECT_EQ(unpacked(kept->gzip->body()), large_body);
  EXPECT_EQ(kept->gzip->etag(), std::string{kept->plain.etag().substr(0, 33)} + "-gzip\"");
  EXPECT_THAT(lines_of(kept->gzip->for_hit(false)),
              ElementsAre("X-Origin-Twilio-Request-Id: RQ1", "Content-Type: application/json", "X-Home-Region: us1",
                          "Content-Encoding: gzip", "ETag: " + std::string{kept->gzip->etag()}, "Cache-Control: private, no-cache",
                          "Vary: Authorization, Accept-Encoding", "Content-Length: " + std::to_string(kept->gzip->body().size()), ""));
  EXPECT_EQ(kept->gzip->wire.capacity(), kept->gzip->wire.size());
}

// RFC 9530: a digest is one of exact bytes.
TEST(remember, a_digest_stands_on_the_bytes_that_it_describes) {
  for (std::string_view const name : {"Content-Digest", "Repr-Digest", "Digest", "Content-MD5"}) {
    auto const kept = keep(made_answer(200, large_body, {{name, "sha-256=:x:"}})).made;
    EXPECT_THAT(lines_of(kept->plain.for_hit(false)), Contains(std::string{name} + ": sha-256=:x:"));
    EXPECT_THAT(kept->gzip->for_hit(false), testing::Not(testing::HasSubstr("sha-256"))) << name;
  }
}

TEST(remember, fields_that_a_setting_adds) {
  body_reader reader;
  auto const answer = made_answer(200, complete_body, {{"X-Other", "1"}, {"X-Further", "2"}});
  const std::vector<std::string> added{"x-other"};
  auto const kept = remember(answer, judge_answer(answer, asked(), reader), now, {}, false, std::nullopt, added);
  EXPECT_THAT(hit_lines(kept), Contains("X-Other: 1"));
  EXPECT_THAT(hit_lines(kept), testing::Not(Contains("X-Further: 2")));
}

TEST(remember, compresses_only_what_is_stored_and_what_pays) {
  EXPECT_EQ(keep(made_answer(200, complete_body)).made->gzip, nullptr) << "small";
  EXPECT_EQ(keep(made_answer(200, summary_body(R"(,"x":")" + std::string(2'000, 'x') + "\""))).made->gzip, nullptr) << "not kept";
  EXPECT_EQ(keep(made_answer(404, "{\"code\":17001,\"x\":\"" + std::string(2'000, 'x') + "\"}")).made->gzip, nullptr) << "a refusal";
  std::mt19937_64 random{1};
  std::string noise;
  while (noise.size() < 2'000) noise += "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[random() % 64];
  auto const answer = made_answer(200, summary_body(R"(,"processing_state":"complete","x":")" + noise + "\""));
  EXPECT_NE(keep(answer).made->gzip, nullptr) << "a quarter is still saved";
  body_reader reader;
  auto const meaning = judge_answer(answer, asked(), reader);
  EXPECT_EQ(remember(answer, meaning, now, {}, false).made->gzip, nullptr) << "switched off";
}

TEST(remember, the_upstream_may_forbid_to_keep_its_answer) {
  struct row {
    std::string_view cache_control;
    bool kept, kept_if_private_counts, kept_if_nothing_counts;
  };
  static constexpr row rows[] = {
      {"no-store", false, true, true},
      {"private", true, false, true},
      {"private, No-Store", false, false, true},
      {"private=\"x, no-store\"", true, false, true},
      {"no-cache", true, true, true},
      {"public, max-age=0", true, true, true},
      {"x-no-store", true, true, true},
  };
  body_reader reader;
  for (auto const& r : rows) {
    auto const answer = made_answer(200, complete_body, {{"Cache-Control", "max-age=9"}, {"Cache-Control", r.cache_control}});
    auto const meaning = judge_answer(answer, asked(), reader);
    auto const kept = [&](bool no_store, bool private_) {
      freshness_policy policy;
      policy.honoured = {no_store, private_};
      auto const made = remember(answer, meaning, now, policy);
      EXPECT_TRUE(made.is_stored() || made.why_not == not_stored::upstream_forbids);
      return made.is_stored();
    };
    EXPECT_EQ(kept(true, false), r.kept) << r.cache_control;
    EXPECT_EQ(kept(false, true), r.kept_if_private_counts) << r.cache_control;
    EXPECT_EQ(kept(false, false), r.kept_if_nothing_counts) << r.cache_control;
  }
}

TEST(remember, what_upstream_wants_stored_by_no_cache_is_stored_by_none_behind_us) {
  freshness_policy deaf;
  deaf.honoured = {};
  body_reader reader;
  for (auto const& [status, body] : {std::pair{200, complete_body}, std::pair{404, error_body(17001)}}) {
    auto const answer = made_answer(status, body, {{"Cache-Control", "max-age=5, No-Store"}});
    auto const made = remember(answer, judge_answer(answer, asked(), reader), now, deaf);
    EXPECT_TRUE(made.is_stored());
    EXPECT_THAT(hit_lines(made), Contains("Cache-Control: no-store"));
    EXPECT_THAT(first_lines(made), Contains("Cache-Control: no-store"));
    if (status == 200) {
      EXPECT_EQ(made.made->plain.cache_control(), "no-store") << "of a 304";
    }
    EXPECT_THAT(hit_lines(made), testing::Not(Contains("Cache-Control: private, no-cache")));
  }
}

// RFC 9111 §4.2.3: the answer already had that age when it arrived.
TEST(remember, the_age_that_it_had) {
  body_reader reader;
  auto const aged = [&](int status, const std::string& body, std::string_view age, std::chrono::nanoseconds under_way = 0s) {
    auto const answer = made_answer(status, body, {{"Age", age}});
    return remember(answer, judge_answer(answer, asked(), reader), now, {}, true, now.mono - under_way).made;
  };
  auto const made = aged(200, complete_body, "600", 2s);
  EXPECT_EQ(made->asked_at, now.mono - 2s);
  EXPECT_EQ(now.mono - made->stored_at, 602s);
  EXPECT_EQ(judge(*made, now, {}).age, 602s);
  EXPECT_EQ(judge(*made, now, {}).ttl, 1h - 602s);
  EXPECT_EQ(judge(*aged(200, complete_body, "7200"), now, {}).is, freshness::stale);
  EXPECT_EQ(aged(200, complete_body, "a long time")->stored_at, now.mono);
  EXPECT_EQ(aged(200, complete_body, "-5")->stored_at, now.mono);
  EXPECT_GE(aged(200, complete_body, "99999999999999999999")->stored_at, now.mono - 30 * 24h);
  EXPECT_EQ(aged(200, complete_body, "600, 1")->stored_at, now.mono - 600s);
  auto const refusal = aged(404, error_body(17001), "86400");
  EXPECT_EQ(refusal->gone_at - now.mono, 1s) << "pollers still share an answer";
}

TEST(remember, knows_whose_call_it_is) {
  auto const made = keep(made_answer(200, large_body)).made;
  ASSERT_TRUE(made->account);
  EXPECT_EQ(made->account->view(), "AC00000000000000000000000000000001");
  EXPECT_FALSE(keep(made_answer(200, complete_body)).made->account);
}

TEST(remember, never_longer_than_the_record_lives) {
  auto const made = keep(made_answer(200, complete_body)).made;
  EXPECT_EQ(made->stored_at, now.mono);
  EXPECT_EQ(fresh_until(*made, {}) - now.mono, 1h);
  EXPECT_EQ(made->gone_at - now.mono, 29 * 24h);
  EXPECT_EQ(made->gone_by - now.wall, 29 * 24h);
}

// The body of an entry decides, not what a file says about it.
TEST(recognise, by_its_body_alone) {
  body_reader reader;
  auto const made_of = [](std::string body) {
    entry made;
    made.plain.wire = std::move(body);
    made.stored_at = now.mono;
    made.gone_at = now.mono + 24h * 30;
    made.gone_by = now.wall + 24h * 30;
    return made;
  };
  auto const recognised = [&](entry made) { return recognise(made, asked(), now, freshness_policy{}, reader); };
  EXPECT_TRUE(recognised(made_of(complete_body)));
  EXPECT_TRUE(recognised(made_of(summary_body(R"(,"processing_state":"complete")"))));
  EXPECT_FALSE(recognised(made_of(summary_body(R"(,"processing_state":"partial")"))));
  EXPECT_FALSE(recognised(made_of(summary_body(""))));
  EXPECT_FALSE(recognised(made_of("")));
  EXPECT_FALSE(recognised(made_of(complete_body + "]")));
  auto made = made_of(complete_body);
  EXPECT_FALSE(recognise(made, call_number(77), now, freshness_policy{}, reader)) << "another call's";
}

TEST(recognise, thirty_days_after_the_end_that_it_names) {
  body_reader reader;
  auto const ending = [&](std::string_view end) {
    entry made;
    made.plain.wire = summary_body(std::string{R"(,"processing_state":"complete","end_time":")"}.append(end).append("\""));
    made.gone_at = now.mono + 24h * 30;
    made.gone_by = now.wall + 24h * 30;
    return recognise(made, asked(), now, freshness_policy{}, reader) ? std::optional{made.gone_by - now.wall} : std::nullopt;
  };
  EXPECT_EQ(ending("2026-01-09T00:00:00Z"), 29 * 24h);
  EXPECT_EQ(ending("2025-12-11T00:00:01Z"), 1s);
  EXPECT_FALSE(ending("2025-12-11T00:00:00Z"));
  EXPECT_FALSE(ending("soon"));
  EXPECT_EQ(ending("2199-01-01T00:00:00Z"), 30 * 24h);
}

}  // namespace
}  // namespace gateway::remember_test
