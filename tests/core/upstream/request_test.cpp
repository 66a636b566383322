#include "core/upstream/request.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/request/head.hpp"
#include "upstream/answers.hpp"

namespace gateway {
namespace {

TEST(upstream_request, is_made_anew_from_call_state_and_credential) {
  auto const request = compose_request("insights.twilio.com", asked(), processing_state::partial, "Basic YTpi");
  EXPECT_EQ(request.reveal(),
            "GET /v1/Voice/CA0000000000000000000000000000000a/Summary?ProcessingState=partial HTTP/1.1\r\n"
            "Host: insights.twilio.com\r\n"
            "Authorization: Basic YTpi\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "User-Agent: summary-gateway\r\n"
            "Via: 1.1 summary-gateway\r\n\r\n");
}

TEST(upstream_request, our_own_strict_reader_understands_it) {
  for (std::size_t size : {10u, 500u, 5'000u}) {
    auto const credential = "Bearer " + std::string(size, 'x');
    for (std::size_t i = 0; i < processing_state_count; ++i) {
      auto const state = static_cast<processing_state>(i);
      auto const request = compose_request("h:8443", asked(), state, credential);
      auto const head = parse_head(request.reveal(), {});
      ASSERT_TRUE(head);
      EXPECT_TRUE(head->keep_alive);
      EXPECT_EQ(head->authorization, credential);
      auto const understood = parse_summary_request(*head);
      ASSERT_TRUE(understood);
      EXPECT_EQ(understood->call, asked());
      EXPECT_EQ(understood->state, state);
      EXPECT_EQ(understood->method, summary_method::get);
    }
  }
}

TEST(upstream_request, one_retry_and_only_when_nothing_can_have_happened) {
  EXPECT_TRUE(may_retry(true, 1, false));
  EXPECT_FALSE(may_retry(false, 1, false)) << "a new connection's failure is an answer";
  EXPECT_FALSE(may_retry(true, 2, false)) << "once is enough";
  EXPECT_FALSE(may_retry(true, 1, true)) << "half an answer was seen";
}

}  // namespace
}  // namespace gateway
