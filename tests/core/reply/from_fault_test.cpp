#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/reply/reply.hpp"
#include "core/upstream/twilio_body.hpp"
#include "plain_text.hpp"
#include "reply/response.hpp"

namespace gateway::from_fault_test {
namespace {

using namespace std::chrono_literals;

response answer(fault what, const fault_detail& detail = {}, bool head_only = false) {
  reply_context c;
  c.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  c.request_id = "id-1";
  c.head_only = head_only;
  std::string out;
  auto const status = append_fault(out, what, detail, c);
  EXPECT_EQ(status, status_of(what));
  auto r = take_apart(out);
  EXPECT_TRUE(r.well_formed) << out;
  EXPECT_TRUE(r.status_line.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << r.status_line;
  EXPECT_GT(r.status_line.size(), 13u) << "a status of ours has a reason phrase";
  return r;
}

// The status and code of every fault, from the contract and from the practice of other proxies.
TEST(from_fault, every_fault_has_its_status_and_code) {
  struct row {
    fault what;
    int status;
    int code;
  };
  static constexpr row rows[] = {
      {fault::malformed_request_line, 400, 20001},
      {fault::malformed_target, 400, 20001},
      {fault::target_too_long, 414, 20001},
      {fault::unsupported_version, 505, 20001},
      {fault::malformed_header, 400, 20001},
      {fault::header_too_large, 431, 20001},
      {fault::too_many_headers, 431, 20001},
      {fault::missing_host, 400, 20001},
      {fault::duplicate_host, 400, 20001},
      {fault::malformed_host, 400, 20001},
      {fault::host_mismatch, 400, 20001},
      {fault::malformed_content_length, 400, 20001},
      {fault::malformed_transfer_encoding, 400, 20001},
      {fault::unsupported_transfer_coding, 501, 20001},
      {fault::ambiguous_framing, 400, 20001},
      {fault::malformed_content, 400, 20001},
      {fault::content_too_large, 413, 20001},
      {fault::unexpected_body, 400, 20001},
      {fault::duplicate_authorization, 400, 20001},
      {fault::unsupported_expectation, 417, 20001},
      {fault::tls_on_http, 400, 20001},
      {fault::http_on_tls, 400, 20001},
      {fault::used_as_proxy, 405, 20004},
      {fault::method_not_allowed, 405, 20004},
      {fault::no_such_route, 404, 20404},
      {fault::route_not_enabled, 403, 20006},
      {fault::invalid_call_sid, 400, 20001},
      {fault::invalid_processing_state, 400, 17400},
      {fault::unknown_parameter, 400, 20001},
      {fault::unsupported_content_type, 415, 20001},
      {fault::cross_site, 403, 20403},
      {fault::missing_credentials, 401, 20003},
      {fault::unreadable_credentials, 401, 20003},
      {fault::not_cached, 504, 20504},
      {fault::missing_token, 401, 20003},
      {fault::unknown_token, 401, 20003},
      {fault::not_permitted, 403, 20006},
      {fault::other_account, 403, 17000},
      {fault::account_unknown, 403, 20006},
      {fault::event_path, 404, 20404},
      {fault::event_signature, 403, 20403},
      {fault::event_content, 400, 20001},
      {fault::client_limit, 429, 20429},
      {fault::quota_exhausted, 429, 20429},
      {fault::upstream_busy, 429, 20429},
      {fault::upstream_cooling_down, 429, 20429},
      {fault::upstream_failing, 429, 20429},
      {fault::upstream_paused, 429, 20429},
      {fault::call_failing, 429, 20429},
      {fault::large_answers, 429, 20429},
      {fault::too_many_waiters, 429, 20429},
      {fault::loop, 508, 20508},
      {fault::upstream_unreachable, 502, 20502},
      {fault::egress_unreachable, 502, 20502},
      {fault::egress_refused, 502, 20502},
      {fault::egress_auth, 502, 20502},
      {fault::upstream_tls, 502, 20502},
      {fault::upstream_protocol, 502, 20502},
      {fault::upstream_unexpected_status, 502, 20502},
      {fault::upstream_error, 502, 20502},
      {fault::upstream_unusable_body, 502, 20502},
      {fault::upstream_body_too_large, 502, 20502},
      {fault::upstream_wrong_call, 502, 20502},
      {fault::upstream_wrong_account, 502, 20502},
      {fault::upstream_foreign_page, 502, 20502},
      {fault::upstream_timeout, 504, 20504},
      {fault::upstream_credential_refused, 502, 20502},
      {fault::upstream_token_unavailable, 502, 20502},
      {fault::internal, 500, 20500},
  };
  static_assert(std::size(rows) == fault_count, "a row for every fault");
  body_reader reader;
  for (auto const& expected : rows) {
    auto const name = name_of(expected.what);
    SCOPED_TRACE(name);
    EXPECT_EQ(status_of(expected.what), expected.status);
    auto const r = answer(expected.what);
    EXPECT_EQ(r.field("Gateway-Fault"), name);
    EXPECT_EQ(r.field("Content-Type"), "application/json");
    EXPECT_EQ(r.field("Content-Length"), std::to_string(r.body.size()));
    EXPECT_EQ(r.field("Cache-Control"), "no-store");
    EXPECT_EQ(r.field("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(r.field("X-Request-Id"), "id-1");
    EXPECT_EQ(r.field("Cache-Status"), "summary-gateway");
    EXPECT_EQ(r.has("WWW-Authenticate"), expected.status == 401);
    EXPECT_EQ(r.has("Allow"), expected.status == 405);
    EXPECT_FALSE(r.has("Retry-After"));
    EXPECT_FALSE(r.has("Age"));

    // Twilio's format, with the integers that the SDKs require, and at least one sentence.
    EXPECT_EQ(reader.read_error_code(r.body), expected.code) << r.body;
    auto const start = "{\"code\":" + std::to_string(expected.code) + ",\"message\":\"";
    auto const end = ".\",\"more_info\":\"https://www.twilio.com/docs/errors/" + std::to_string(expected.code) +
                     "\",\"status\":" + std::to_string(expected.status) + "}";
    EXPECT_TRUE(r.body.starts_with(start)) << r.body;
    EXPECT_TRUE(r.body.ends_with(end)) << r.body;
    EXPECT_GT(r.body.size(), start.size() + end.size() + 15) << r.body;
    EXPECT_EQ(hard_to_read(r.body.substr(start.size(), r.body.size() - start.size() - end.size() + 1)), "") << r.body;
  }
}

TEST(from_fault, no_client_error_of_ours_is_a_5xx_but_what_http_wants_so) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const what = static_cast<fault>(i);
    if (what == fault::unsupported_version || what == fault::unsupported_transfer_coding || what == fault::not_cached) continue;
    EXPECT_EQ(status_of(what) >= 500, side_of(what) == side::upstream || what == fault::internal) << name_of(what);
  }
}

TEST(from_fault, a_challenge_names_what_is_taken) {
  EXPECT_EQ(answer(fault::missing_credentials).field("WWW-Authenticate"), "Basic realm=\"Twilio API\"");
  for (auto const what : {fault::missing_token, fault::unknown_token})
    EXPECT_EQ(answer(what).field("WWW-Authenticate"), "Basic realm=\"summary-gateway\", Bearer realm=\"summary-gateway\"");
  EXPECT_EQ(answer(fault::method_not_allowed).field("Allow"), "GET, HEAD, OPTIONS");
}

TEST(from_fault, says_whether_to_try_again) {
  auto const is_safe = [](const response& r) { return r.body.find("It is safe to retry") != std::string::npos; };
  auto const may_have_happened = [](const response& r) { return r.body.find("may have been applied") != std::string::npos; };
  for (auto what = fault::upstream_unreachable; what <= fault::upstream_timeout; what = static_cast<fault>(static_cast<int>(what) + 1)) {
    // These come again until the settings, or the request, are other ones.
    if (what == fault::upstream_tls || what == fault::upstream_foreign_page || what == fault::upstream_body_too_large) continue;
    SCOPED_TRACE(name_of(what));
    auto const plain = answer(what);
    EXPECT_TRUE(is_safe(plain) && !may_have_happened(plain)) << plain.body;
    auto const changing = answer(what, {.upstream_status = 503, .upstream_code = 17009, .may_have_applied = true});
    EXPECT_TRUE(!is_safe(changing) && may_have_happened(changing)) << changing.body;
    EXPECT_EQ(changing.body.find("503 with code 17009. ") != std::string::npos, names_status(what)) << changing.body;
  }
}

TEST(from_fault, a_family_that_is_not_enabled_names_the_word_that_would_allow_it) {
  auto const refused = answer(fault::route_not_enabled, {.allowed_by = "settings.write"});
  EXPECT_NE(refused.body.find("to Twilio. It does if its setting passthrough lists settings.write.\""), std::string::npos) << refused.body;
}

TEST(from_fault, a_missing_right_is_named) {
  auto const refused = answer(fault::not_permitted, {.lacks = {"may", "annotation.write"}});
  EXPECT_NE(refused.body.find("It needs annotation.write in may of its entry in credentials.clients.\""), std::string::npos)
      << refused.body;
}

TEST(from_fault, a_405_lists_what_the_resource_allows) {
  reply_context c;
  c.allow = "GET, HEAD, POST, OPTIONS";
  std::string out;
  append_fault(out, fault::method_not_allowed, {}, c);
  EXPECT_EQ(take_apart(out).field("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST(from_fault, head_gets_the_fields_alone) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const what = static_cast<fault>(i);
    auto const full = answer(what);
    auto const head = answer(what, {}, true);
    EXPECT_EQ(head.fields, full.fields);
    EXPECT_EQ(head.body, "");
  }
}

TEST(from_fault, says_when_to_come_back) {
  EXPECT_EQ(answer(fault::upstream_busy, {.retry_after = 3s}).field("Retry-After"), "3");
  EXPECT_EQ(answer(fault::too_many_waiters, {.retry_after = 1s}).field("Retry-After"), "1");
  EXPECT_FALSE(answer(fault::upstream_busy, {.retry_after = 0s}).has("Retry-After"));
}

TEST(from_fault, says_what_the_upstream_said) {
  body_reader reader;
  auto const both = answer(fault::upstream_error, {.upstream_status = 503, .upstream_code = 17009});
  EXPECT_NE(both.body.find(" It answered 503 with code 17009. It is safe"), std::string::npos) << both.body;
  EXPECT_EQ(reader.read_error_code(both.body), 20502);
  EXPECT_EQ(both.field("Content-Length"), std::to_string(both.body.size()));
  auto const bare = answer(fault::upstream_error, {.upstream_status = 500});
  EXPECT_NE(bare.body.find(" It answered 500. It is safe"), std::string::npos) << bare.body;
  auto const redirect = answer(fault::upstream_unexpected_status, {.upstream_status = 302, .redirect_host = "login.example"});
  EXPECT_NE(redirect.body.find(" It answered 302, a redirect to login.example. It is safe"), std::string::npos) << redirect.body;
  // 200 in the answer to "not in time" would confuse: the head came, and the rest did not.
  auto const late = answer(fault::upstream_timeout, {.upstream_status = 200});
  EXPECT_EQ(late.body.find("200"), std::string::npos) << late.body;
}

}  // namespace
}  // namespace gateway::from_fault_test
