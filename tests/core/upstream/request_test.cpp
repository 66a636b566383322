#include "core/upstream/request.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/request/head.hpp"
#include "upstream/answers.hpp"

namespace gateway::request_test {
namespace {

using namespace std::string_view_literals;

TEST(upstream_request, is_made_anew_from_call_state_and_credential) {
  auto const request = compose_request("insights.twilio.com", asked(), processing_state::partial, "Basic YTpi", "Via: 1.1 gw\r\n");
  EXPECT_EQ(request.reveal(),
            "GET /v1/Voice/CA0000000000000000000000000000000a/Summary?ProcessingState=partial HTTP/1.1\r\n"
            "Host: insights.twilio.com\r\n"
            "Authorization: Basic YTpi\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "User-Agent: summary-gateway\r\n"
            "Via: 1.1 gw\r\n\r\n");
}

TEST(upstream_request, continues_the_trace_it_belongs_to) {
  auto const place = *parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  auto const fields = trace_fields(place, 0xabc, "rojo=1"sv);
  EXPECT_EQ(fields, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-0000000000000abc-01\r\ntracestate: rojo=1\r\n");
  auto const text = std::string{compose_request("h", asked(), processing_state::absent, "Basic YTpi", fields).reveal()};
  EXPECT_TRUE(text.ends_with("\r\nUser-Agent: summary-gateway\r\n" + fields + "\r\n")) << text;
  EXPECT_EQ(trace_fields(place, 1, "Odd=1"sv).find("tracestate"), std::string::npos);
  auto begun_here = place;
  begun_here.parent = 0;
  EXPECT_EQ(trace_fields(begun_here, 1, "rojo=1"sv).find("tracestate"), std::string::npos) << "it belongs to a trace that we do not know";
}

TEST(upstream_request, our_own_strict_reader_understands_it) {
  for (std::size_t size : {10u, 500u, 5'000u}) {
    auto const credential = "Bearer " + std::string(size, 'x');
    for (std::size_t i = 0; i < processing_state_count; ++i) {
      auto const state = static_cast<processing_state>(i);
      auto const request = compose_request("h:8443", asked(), state, credential, "");
      auto const head = parse_head(request.reveal(), {});
      ASSERT_TRUE(head);
      EXPECT_TRUE(head->keep_alive);
      EXPECT_EQ(head->authorization, credential);
      auto const understood = parse_summary_request(parse_route(head->path), *head);
      ASSERT_TRUE(understood);
      EXPECT_EQ(understood->call, asked());
      EXPECT_EQ(understood->state, state);
      EXPECT_EQ(understood->method, summary_method::get);
    }
  }
}

passthrough_request annotating(std::string_view content, std::string_view type) {
  passthrough_request asked_for{resource::annotation, passthrough_method::post, asked()};
  asked_for.path = "/v1/Voice/CA0000000000000000000000000000000a/Annotation";
  asked_for.content = content;
  asked_for.content_type = type;
  return asked_for;
}

TEST(upstream_request, a_form_goes_on_as_it_came) {
  auto const request =
      compose_request("insights.twilio.com", annotating("Comment=a+b%0d%0a&Spam=true", "application/x-www-form-urlencoded; charset=utf-8"),
                      "Basic YTpi", "");
  EXPECT_EQ(request.reveal(),
            "POST /v1/Voice/CA0000000000000000000000000000000a/Annotation HTTP/1.1\r\n"
            "Host: insights.twilio.com\r\n"
            "Authorization: Basic YTpi\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "User-Agent: summary-gateway\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
            "Content-Length: 27\r\n\r\n"
            "Comment=a+b%0d%0a&Spam=true");
}

TEST(upstream_request, may_get_its_credential_when_it_is_sent) {
  auto const composed = [](std::string_view authorization) {
    return compose_request("h", annotating("Comment=\r\nAuthorization: x", "text/plain"), authorization, "Via: 1.1 gw\r\n");
  };
  EXPECT_EQ(with_authorization(composed(""), "Bearer abc").reveal(), composed("Bearer abc").reveal());
}

TEST(upstream_request, an_empty_form_has_a_length_too) {
  auto const text = std::string{compose_request("h", annotating("", ""), "Basic YTpi", "").reveal()};
  EXPECT_TRUE(text.ends_with("\r\nContent-Length: 0\r\n\r\n")) << text;
  EXPECT_EQ(text.find("Content-Type"), text.npos);
}

TEST(upstream_request, what_is_only_read_is_asked_for_by_get_and_brings_nothing) {
  struct row {
    passthrough_method method;
    std::string_view path;
    std::optional<std::string_view> query;
    std::string_view line;
  };
  static const row rows[] = {
      {passthrough_method::get, "/v1/Voice/Settings", {}, "GET /v1/Voice/Settings HTTP/1.1"},
      {passthrough_method::head, "/v1/Conferences", {}, "GET /v1/Conferences HTTP/1.1"},
      {passthrough_method::get, "/v1/Voice/Summaries", "Edge=%2B&x", "GET /v1/Voice/Summaries?Edge=%2B&x HTTP/1.1"},
      {passthrough_method::get, "/v1/Voice/Summaries", "", "GET /v1/Voice/Summaries? HTTP/1.1"},
  };
  for (auto const& r : rows) {
    passthrough_request asked_for{resource::settings, r.method, std::nullopt};
    asked_for.path = r.path;
    asked_for.query = r.query;
    asked_for.content_type = "text/plain";  // a GET's content type does not matter
    auto const text = std::string{compose_request("h", asked_for, "Basic YTpi", "").reveal()};
    EXPECT_EQ(text.substr(0, text.find("\r\n")), r.line);
    EXPECT_EQ(text.find("Content-"), text.npos) << text;
  }
}

TEST(upstream_request, what_changes_something_gets_a_connection_of_its_own) {
  EXPECT_TRUE(may_reuse(exchange_kind::read, 1));
  EXPECT_FALSE(may_reuse(exchange_kind::read, 2));
  EXPECT_FALSE(may_reuse(exchange_kind::write, 1)) << "so that nothing it could be blamed for asks for a second try";
  EXPECT_FALSE(may_reuse(exchange_kind::probe, 1)) << "a dead connection says nothing about the upstream";
}

TEST(upstream_request, what_was_not_delivered_may_be_sent_once_more_unless_it_is_a_write) {
  EXPECT_TRUE(may_leave(exchange_kind::read, 1));
  EXPECT_TRUE(may_leave(exchange_kind::probe, 1));
  EXPECT_FALSE(may_leave(exchange_kind::read, 2));
  EXPECT_FALSE(may_leave(exchange_kind::write, 1));
}

TEST(upstream_request, one_retry_and_only_when_nothing_can_have_happened) {
  EXPECT_TRUE(may_retry(true, 1, false));
  EXPECT_FALSE(may_retry(false, 1, false)) << "a new connection's failure is an answer";
  EXPECT_FALSE(may_retry(true, 2, false)) << "once is enough";
  EXPECT_FALSE(may_retry(true, 1, true)) << "half an answer was seen";
  EXPECT_TRUE(ended_while_idle(408, false));
  EXPECT_FALSE(ended_while_idle(408, true)) << "the connection goes on, so the 408 is the answer";
  EXPECT_FALSE(ended_while_idle(404, false));
}

}  // namespace
}  // namespace gateway::request_test
