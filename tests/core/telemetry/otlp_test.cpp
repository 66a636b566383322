// Spans as a collector receives them.
#include "core/telemetry/otlp.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

namespace gateway::otlp_test {
namespace {

using namespace std::chrono_literals;

logged_request request(std::chrono::nanoseconds first_byte, int status) {
  logged_request one;
  one.of.ended = outcome::miss;
  one.of.method = logged_method::get;
  one.of.what = resource::summary;
  one.of.status = status;
  one.of.trace = {{0x0af7651916cd43ddULL, 0x8448eb211c80319cULL}, 0xb7ad6b7169203331ULL, 0x00f067aa0ba902b7ULL, true};
  one.of.request_id = std::string_view{"an \"id\""};
  one.of.hops = hop_ledger{hop::lookup, mono_time{}};
  one.of.hops.enter(hop::first_byte, mono_time{10us});
  one.of.hops.enter(hop::write, mono_time{10us} + first_byte);
  one.of.hops.stop(mono_time{30us} + first_byte);
  one.at = wall_time{1'700'000'000s};
  return one;
}

struct told_spans {
  explicit told_spans(const std::vector<logged_request>& requests) : text(otlp_traces(requests, listeners, "1.2.3")) {
    auto const all = parser.parse(text)["resourceSpans"].at(0);
    resource = all["resource"];
    for (auto const one : all["scopeSpans"].at(0)["spans"]) spans.push_back(one);
  }
  std::vector<std::string> listeners{"127.0.0.1:8080"};
  std::string text;
  simdjson::dom::parser parser;
  simdjson::dom::element resource;
  std::vector<simdjson::dom::element> spans;
};

std::string_view text_at(simdjson::dom::element of, std::string_view name) { return std::string_view{of[name]}; }

TEST(otlp, a_request_is_a_server_span_with_a_child_for_each_hop) {
  told_spans const told{{request(2ms, 200)}};
  ASSERT_EQ(told.spans.size(), 4U);
  auto const& server = told.spans[0];
  EXPECT_EQ(text_at(server, "traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(text_at(server, "spanId"), "00f067aa0ba902b7");
  EXPECT_EQ(text_at(server, "parentSpanId"), "b7ad6b7169203331");
  EXPECT_EQ(text_at(server, "name"), "GET summary");
  EXPECT_EQ(std::int64_t{server["kind"]}, 2);
  EXPECT_EQ(text_at(server, "startTimeUnixNano"), "1699999999997970000");
  EXPECT_EQ(text_at(server, "endTimeUnixNano"), "1700000000000000000");
  std::string_view before = text_at(server, "startTimeUnixNano");
  for (std::size_t i = 1; i < told.spans.size(); ++i) {
    EXPECT_EQ(text_at(told.spans[i], "traceId"), text_at(server, "traceId"));
    EXPECT_EQ(text_at(told.spans[i], "parentSpanId"), "00f067aa0ba902b7");
    EXPECT_EQ(text_at(told.spans[i], "startTimeUnixNano"), before) << "one after the other";
    before = text_at(told.spans[i], "endTimeUnixNano");
  }
  EXPECT_EQ(before, text_at(server, "endTimeUnixNano")) << "and together they are the whole";
  EXPECT_EQ(text_at(told.spans[2], "name"), "first_byte");
  EXPECT_EQ(std::int64_t{told.spans[2]["kind"]}, 3) << "of the upstream's client";
}

TEST(otlp, says_who_tells_it_and_what_came_of_it) {
  told_spans const told{{request(2ms, 200), request(1ms, 502)}};
  EXPECT_NE(told.text.find(R"({"key":"service.name","value":{"stringValue":"summary-gateway"}})"), std::string::npos);
  EXPECT_NE(told.text.find(R"({"key":"service.version","value":{"stringValue":"1.2.3"}})"), std::string::npos);
  EXPECT_NE(told.text.find(R"({"key":"http.response.status_code","value":{"intValue":"200"}})"), std::string::npos);
  EXPECT_NE(told.text.find(R"({"key":"gateway.request_id","value":{"stringValue":"an \"id\""}})"), std::string::npos);
  EXPECT_NE(told.text.find(R"({"key":"server.address","value":{"stringValue":"127.0.0.1:8080"}})"), std::string::npos);
  EXPECT_TRUE(told.spans[0]["status"].error()) << "unset: it went well";
  EXPECT_EQ(std::int64_t{told.spans[4]["status"]["code"]}, 2);
}

TEST(otlp, the_client_has_an_address_only_if_it_is_shown_in_plain) {
  auto const told = [](std::string_view client) {
    auto one = request(2ms, 200);
    one.of.client = client;
    return told_spans{{one}}.text;
  };
  for (auto const* const name : {"billing", "0a1b2c3d4e5f6071", "unnamed", "2001:db8:0:1::/64"}) {
    EXPECT_NE(told(name).find(R"({"key":"gateway.client","value":{"stringValue":")" + std::string{name}), std::string::npos);
    EXPECT_EQ(told(name).find("client.address"), std::string::npos) << name;
  }
  EXPECT_NE(told("192.0.2.1").find(R"({"key":"client.address","value":{"stringValue":"192.0.2.1"}})"), std::string::npos);
}

TEST(otlp, no_requests_are_a_whole_message_too) { EXPECT_TRUE(told_spans{{}}.spans.empty()); }

TEST(otlp, is_posted_whole) {
  EXPECT_EQ(otlp_post("collector:4318", "{}"),
            "POST /v1/traces HTTP/1.1\r\nHost: collector:4318\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

}  // namespace
}  // namespace gateway::otlp_test
