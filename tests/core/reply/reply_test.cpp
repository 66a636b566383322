#include "core/reply/reply.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/reply/status_line.hpp"
#include "reply/response.hpp"

namespace gateway::reply_test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

entry summary() {
  entry kept;
  std::string const origin = "X-Origin-Twilio-Request-Id: RQ1\r\n";
  std::string const for_pages = "Access-Control-Allow-Origin: *\r\n";
  std::string const shared = for_pages + "Content-Type: application/json\r\nETag: \"abc\"\r\nContent-Length: 2\r\n\r\n";
  kept.plain.access_control = static_cast<std::uint32_t>(for_pages.size());
  kept.plain.shared_at = static_cast<std::uint32_t>(origin.size());
  kept.plain.body_at = static_cast<std::uint32_t>(origin.size() + shared.size());
  kept.plain.wire = origin + shared + "{}";
  kept.plain.etag_at = static_cast<std::uint32_t>(kept.plain.wire.find("\"abc\""));
  kept.plain.etag_size = 5;
  return kept;
}

entry not_ready() {
  auto kept = summary();
  kept.kind = answer_kind::not_ready;
  kept.status = 404;
  kept.plain.etag_size = 0;
  return kept;
}

reply_context context() {
  reply_context c;
  c.date = date;
  c.request_id = "id-1";
  c.status.how = cache_status::way::hit;
  c.status.ttl = 3540s;
  return c;
}

response hit(const entry& kept, const reply_context& c, int expected_status) {
  std::string out = "left over";  // an answer is appended to unsent bytes
  EXPECT_EQ(append_hit(out, kept, 60s, c), expected_status);
  EXPECT_TRUE(out.starts_with("left over"));
  auto const r = take_apart(std::string_view{out}.substr(9));
  EXPECT_TRUE(r.well_formed) << out;
  return r;
}

TEST(reply, a_hit_byte_by_byte) {
  std::string out;
  EXPECT_EQ(append_hit(out, summary(), 60s, context()), 200);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Cache-Status: summary-gateway; hit; ttl=3540\r\n"
            "X-Request-Id: id-1\r\n"
            "Age: 60\r\n"
            "X-Origin-Twilio-Request-Id: RQ1\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Content-Type: application/json\r\n"
            "ETag: \"abc\"\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

entry with_gzip() {
  auto kept = summary();
  representation packed;
  std::string const shared = "Content-Encoding: gzip\r\nETag: \"abc-gzip\"\r\nContent-Length: 1\r\n\r\n";
  packed.body_at = static_cast<std::uint32_t>(shared.size());
  packed.wire = shared + "z";
  packed.etag_at = static_cast<std::uint32_t>(shared.find("\"abc-gzip\""));
  packed.etag_size = 10;
  kept.gzip = std::make_unique<const representation>(std::move(packed));
  return kept;
}

// Each form has its own validator, and only that one leads to a 304 (RFC 9110 §8.8.3.3).
TEST(reply, which_form_whom_and_when_304) {
  struct row {
    std::string_view accept_encoding;
    std::string_view if_none_match;
    int status;
    std::string_view etag;
    std::string_view body;
  };
  static constexpr row rows[] = {
      {"", "", 200, "\"abc\"", "{}"},
      {"utf-8", "", 200, "\"abc\"", "{}"},
      {"gzip;q=0", "", 200, "\"abc\"", "{}"},
      {"gzip", "", 200, "\"abc-gzip\"", "z"},
      {"gzip", "\"abc\"", 200, "\"abc-gzip\"", "z"},
      {"gzip", "\"abc-gzip\"", 304, "\"abc-gzip\"", ""},
      {"gzip", "W/\"abc-gzip\"", 304, "\"abc-gzip\"", ""},
      {"gzip", "*", 304, "\"abc-gzip\"", ""},
      {"", "\"abc-gzip\"", 200, "\"abc\"", "{}"},
      {"", "\"abc-gzip\", \"abc\"", 304, "\"abc\"", ""},
  };
  for (auto const& r : rows) {
    auto c = context();
    c.accept_encoding = field_lines{r.accept_encoding};
    if (!r.if_none_match.empty()) c.if_none_match = field_lines{r.if_none_match};
    auto const answered = hit(with_gzip(), c, r.status);
    EXPECT_EQ(answered.field("ETag"), r.etag) << r.accept_encoding << " " << r.if_none_match;
    EXPECT_EQ(answered.body, r.body);
    EXPECT_EQ(answered.has("Content-Encoding"), r.body == "z");
    std::string first;
    EXPECT_EQ(append_first(first, with_gzip(), "", c), r.status);
    EXPECT_EQ(take_apart(first).field("ETag"), r.etag);
    c.head_only = true;
    EXPECT_EQ(hit(with_gzip(), c, r.status).fields, answered.fields) << "HEAD says the same";
  }
}

TEST(reply, without_a_compressed_form_everybody_gets_the_bytes) {
  auto c = context();
  c.accept_encoding = field_lines{"gzip"};
  EXPECT_EQ(hit(summary(), c, 200).body, "{}");
}

TEST(reply, retry_after_only_if_there_is_something_to_wait_for) {
  auto c = context();
  EXPECT_FALSE(hit(not_ready(), c, 404).has("Retry-After"));
  c.retry_after = 4s;
  EXPECT_EQ(hit(not_ready(), c, 404).field("Retry-After"), "4");
  std::string first;
  append_first(first, not_ready(), "", c);
  EXPECT_EQ(take_apart(first).field("Retry-After"), "4");
}

TEST(reply, an_applied_preference_is_said) {
  reply_context context;
  context.applied_wait = std::chrono::seconds{25};
  std::string out;
  append_fault(out, fault::internal, {}, context);
  EXPECT_NE(out.find("\r\nPreference-Applied: wait=25\r\n"), std::string::npos) << out;
  context.applied_wait = {};
  out.clear();
  append_fault(out, fault::internal, {}, context);
  EXPECT_EQ(out.find("Preference-Applied"), std::string::npos);
}

TEST(reply, a_head_request_gets_the_same_fields_and_no_body) {
  auto c = context();
  auto const full = hit(summary(), c, 200);
  c.head_only = true;
  auto const head = hit(summary(), c, 200);
  EXPECT_EQ(head.fields, full.fields);
  EXPECT_EQ(head.status_line, full.status_line);
  EXPECT_EQ(head.body, "");
}

TEST(reply, the_first_reader_gets_the_per_request_fields_and_no_age) {
  std::string out;
  auto c = context();
  c.status = {.how = cache_status::way::miss, .ttl = {}, .forward_status = 200, .stored = true, .collapsed = false, .detail = {}};
  EXPECT_EQ(append_first(out, summary(), "Twilio-Request-Id: RQ1\r\n", c), 200);
  auto const r = take_apart(out);
  EXPECT_TRUE(r.well_formed);
  EXPECT_EQ(r.field("Twilio-Request-Id"), "RQ1");
  EXPECT_EQ(r.field("Cache-Status"), "summary-gateway; fwd=uri-miss; fwd-status=200; stored");
  EXPECT_FALSE(r.has("Age"));
  EXPECT_FALSE(r.has("X-Origin-Twilio-Request-Id"));
  EXPECT_EQ(r.body, "{}");
  out.clear();
  c.head_only = true;
  append_first(out, summary(), "", c);
  EXPECT_EQ(take_apart(out).body, "");
  EXPECT_EQ(take_apart(out).field("Content-Length"), "2");
}

TEST(reply, not_modified_only_if_asked_and_only_for_a_summary) {
  struct row {
    std::string_view name;
    std::string_view if_none_match;
    bool summary;
    int expected;
  };
  static constexpr row rows[] = {
      {"not asked", "", true, 200},
      {"the tag", "\"abc\"", true, 304},
      {"weakly", "W/\"abc\"", true, 304},
      {"in a list", "\"x\", \"abc\"", true, 304},
      {"any", "*", true, 304},
      {"another", "\"x\"", true, 200},
      {"without quotes", "abc", true, 200},
      {"an error has no tag", "*", false, 404},
      {"nor an empty one", "\"\"", false, 404},
  };
  for (auto const& r : rows) {
    auto c = context();
    c.if_none_match = field_lines{r.if_none_match};
    auto const kept = r.summary ? summary() : not_ready();
    hit(kept, c, r.expected);
    std::string first;
    EXPECT_EQ(append_first(first, kept, "", c), r.expected) << r.name;
  }
}

TEST(reply, not_modified_has_the_fields_a_cache_needs_and_no_content) {
  auto c = context();
  c.if_none_match = field_lines{"\"abc\""};
  c.close = true;
  auto const r = hit(summary(), c, 304);
  EXPECT_EQ(r.status_line, "HTTP/1.1 304 Not Modified");
  EXPECT_EQ(r.field("ETag"), "\"abc\"");
  EXPECT_EQ(r.field("Cache-Control"), "private, no-cache");
  EXPECT_EQ(r.field("Vary"), "Authorization, Accept-Encoding");
  EXPECT_EQ(r.field("Date"), date);
  EXPECT_EQ(r.field("Cache-Status"), "summary-gateway; hit; ttl=3540");
  EXPECT_EQ(r.field("X-Request-Id"), "id-1");
  EXPECT_EQ(r.field("Connection"), "close");
  EXPECT_EQ(r.field("Access-Control-Allow-Origin"), "*") << "or the page that asked never hears of it";
  EXPECT_FALSE(r.has("Content-Length"));
  EXPECT_FALSE(r.has("Content-Type"));
  EXPECT_EQ(r.body, "");
}

// Twilio says * to every page.
TEST(reply, a_page_is_told_by_the_gateway_alone) {
  for (bool const first : {false, true}) {
    for (std::string_view const page : {"https://app.example", ""}) {
      auto c = context();
      c.lists_origins = true;
      c.allow_origin = page;
      std::string out;
      EXPECT_EQ(first ? append_first(out, summary(), "", c) : append_hit(out, summary(), 60s, c), 200);
      auto const r = take_apart(out);
      EXPECT_TRUE(r.well_formed);
      EXPECT_EQ(r.field("Vary"), "Origin");
      EXPECT_EQ(r.has("Access-Control-Allow-Origin"), !page.empty());
      EXPECT_EQ(r.has("Access-Control-Expose-Headers"), !page.empty());
      EXPECT_EQ(r.field("Access-Control-Allow-Origin"), page.empty() ? "(none)" : page);
      EXPECT_EQ(r.has("X-Origin-Twilio-Request-Id"), !first);
      EXPECT_EQ(r.field("Content-Type"), "application/json");
      EXPECT_EQ(r.body, "{}");
    }
  }
}

TEST(reply, a_304_is_for_the_same_pages) {
  auto c = context();
  c.if_none_match = field_lines{"\"abc\""};
  c.lists_origins = true;
  EXPECT_FALSE(hit(summary(), c, 304).has("Access-Control-Allow-Origin"));
  c.allow_origin = "https://app.example";
  EXPECT_EQ(hit(summary(), c, 304).field("Access-Control-Allow-Origin"), "https://app.example");
}

TEST(reply, what_is_said_about_the_connection) {
  auto c = context();
  EXPECT_FALSE(hit(summary(), c, 200).has("Connection"));
  c.close = true;
  EXPECT_EQ(hit(summary(), c, 200).field("Connection"), "close");
  c.close = false;
  c.keep_alive_1_0 = true;
  EXPECT_EQ(hit(summary(), c, 200).field("Connection"), "keep-alive");
  auto const fields = keep_alive_fields(75s);
  c.keep_alive = fields;
  EXPECT_EQ(hit(summary(), c, 200).field("Connection"), "keep-alive");
  EXPECT_EQ(hit(summary(), c, 200).field("Keep-Alive"), "timeout=74");
  c.close = true;
  EXPECT_EQ(hit(summary(), c, 200).field("Connection"), "close");
  EXPECT_FALSE(hit(summary(), c, 200).has("Keep-Alive"));
}

TEST(reply, a_client_stops_before_the_connection_closes) {
  EXPECT_EQ(keep_alive_fields(2s), "Connection: keep-alive\r\nKeep-Alive: timeout=1\r\n");
  EXPECT_EQ(keep_alive_fields(2999ms), "Connection: keep-alive\r\nKeep-Alive: timeout=1\r\n");
  EXPECT_EQ(keep_alive_fields(1h), "Connection: keep-alive\r\nKeep-Alive: timeout=3599\r\n");
  for (auto const span : {10ms, 1000ms, 1999ms}) EXPECT_EQ(keep_alive_fields(span), "") << span.count();
}

TEST(reply, server_timing_only_if_there_is_one) {
  auto c = context();
  EXPECT_FALSE(hit(summary(), c, 200).has("Server-Timing"));
  c.server_timing = "lookup;dur=0.012";
  EXPECT_EQ(hit(summary(), c, 200).field("Server-Timing"), "lookup;dur=0.012");
}

TEST(reply, each_status_has_a_phrase) {
  struct row {
    int status;
    std::string_view phrase;
  };
  static constexpr row rows[] = {
      {200, "OK"},
      {202, "Accepted"},
      {299, "Success"},
      {399, "Redirection"},
      {402, "Payment Required"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {418, "Client Error"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {451, "Unavailable For Legal Reasons"},
      {499, "Client Error"},
      {507, "Insufficient Storage"},
      {520, "Server Error"},
      {511, "Network Authentication Required"},
      {599, "Server Error"},
  };
  for (auto const& r : rows) {
    auto kept = not_ready();
    kept.status = static_cast<std::uint16_t>(r.status);
    EXPECT_EQ(hit(kept, context(), r.status).status_line, "HTTP/1.1 " + std::to_string(r.status) + " " + std::string{r.phrase});
  }
  for (int status = 200; status < 600; ++status) {
    std::string line;
    append_status_line(line, status);
    EXPECT_GT(line.size(), std::string_view{"HTTP/1.1 200 \r\n"}.size()) << status;
  }
}

TEST(reply, preflight) {
  std::string out;
  auto c = context();
  c.status = {};
  c.allow_origin = "*";
  EXPECT_EQ(append_preflight(out, std::chrono::seconds{600}, c), 204);
  auto const r = take_apart(out);
  EXPECT_TRUE(r.well_formed);
  EXPECT_EQ(r.status_line, "HTTP/1.1 204 No Content");
  EXPECT_EQ(r.field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(r.field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(r.field("Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(r.field("Access-Control-Max-Age"), "600");
  EXPECT_FALSE(r.has("Vary")) << "all are told the same";
  // Every request field that the gateway uses and that needs permission, by name: a wildcard never covers Authorization (Fetch standard).
  EXPECT_EQ(r.field("Access-Control-Allow-Headers"),
            "Accept, Authorization, Cache-Control, Content-Type, If-None-Match, Pragma, Prefer, Traceparent, Tracestate, X-Request-Id, "
            "X-Request-Timeout");
  EXPECT_EQ(r.field("Cache-Status"), "summary-gateway");
  EXPECT_FALSE(r.has("Content-Length")) << "RFC 9110 §8.6 forbids it in a 204";
  EXPECT_EQ(r.body, "");
}

TEST(reply, preflight_of_what_can_be_written) {
  std::string out;
  auto c = context();
  c.allow_origin = "*";
  c.allow = "GET, HEAD, POST, OPTIONS";
  append_preflight(out, std::chrono::seconds{600}, c);
  auto const r = take_apart(out);
  EXPECT_EQ(r.field("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(r.field("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
}

TEST(reply, preflight_of_one_page_among_others) {
  std::string out;
  auto c = context();
  c.allow_origin = "https://app.example";
  c.lists_origins = true;
  append_preflight(out, std::chrono::seconds{600}, c);
  auto const r = take_apart(out);
  EXPECT_EQ(r.field("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(r.field("Vary"), "Origin");
}

TEST(reply, preflight_of_a_page_that_may_not) {
  std::string out;
  EXPECT_EQ(append_preflight(out, std::chrono::seconds{600}, context()), 204);
  auto const r = take_apart(out);
  EXPECT_TRUE(r.well_formed);
  EXPECT_EQ(out.find("Access-Control-"), std::string::npos) << out;
  EXPECT_EQ(r.field("Allow"), "GET, HEAD, OPTIONS");
}

TEST(reply, made_answers) {
  std::string out;
  EXPECT_EQ(append_made(out, 503, "text/plain", "Retry-After: 1\r\n", "draining\n", context()), 503);
  auto const r = take_apart(out);
  EXPECT_TRUE(r.well_formed);
  EXPECT_EQ(r.status_line, "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(r.field("Content-Type"), "text/plain");
  EXPECT_EQ(r.field("Content-Length"), "9");
  EXPECT_EQ(r.field("Retry-After"), "1");
  EXPECT_EQ(r.field("Cache-Control"), "no-store");
  EXPECT_EQ(r.body, "draining\n");
}

TEST(reply, etag_lists) {
  struct row {
    std::string_view list;
    bool matches;
  };
  static constexpr row rows[] = {
      {"\"abc\"", true},    {"W/\"abc\"", true}, {"\"x\",\"abc\"", true}, {" \"x\" , W/\"abc\" ,", true},
      {"*", true},          {" * ", true},       {"\"x,abc\"", false},    {"\"ABC\"", false},
      {"w/\"abc\"", false}, {"abc", false},      {"\"abc", false},        {"\"abcd\"", false},
      {"\"\"", false},      {"\"*\"", false},    {"*, \"x\"", false},     {"\"x\" \"abc\"", false},
      {"", false},
  };
  for (auto const& r : rows) EXPECT_EQ(matches_etag(r.list, "\"abc\""), r.matches) << r.list;
}

TEST(reply, request_ids_that_may_be_repeated) {
  EXPECT_TRUE(is_sane_request_id("7f9c-AB.c:d=e+f/g@h_i"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'a')));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'a')));
  EXPECT_FALSE(is_sane_request_id(""));
  for (char const c : " \t\"'<>\\;,\r\n\x1b\x7f\x80\xff%$(){}"s) EXPECT_FALSE(is_sane_request_id("a"s + c)) << static_cast<int>(c);
  EXPECT_FALSE(is_sane_request_id("a\0b"s));
}

}  // namespace
}  // namespace gateway::reply_test
