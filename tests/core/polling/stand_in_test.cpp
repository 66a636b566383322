// A partial that only the gateway asked for becomes the remembered "not ready".
#include "core/polling/stand_in.hpp"

#include <gtest/gtest.h>

namespace gateway::stand_in_test {
namespace {

TEST(stand_in, keeps_the_fields_of_the_exchange_and_none_of_the_content) {
  upstream_answer answer{200,
                         {{"Content-Type", "application/json; charset=utf-8"},
                          {"content-length", "7"},
                          {"ETag", "\"x\""},
                          {"Cache-Control", "max-age=60"},
                          {"Retry-After", "9"},
                          {"Twilio-Request-Id", "RQ1"}},
                         "partial"};
  {
    not_ready_answer const said{404, "application/json", "not ready"};
    stand_in_for_partial(answer, said);
  }
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "not ready");
  ASSERT_EQ(answer.fields.size(), 2U);
  EXPECT_EQ(answer.field("twilio-request-id"), "RQ1");
  EXPECT_EQ(answer.field("content-type"), "application/json") << "its text outlives the remembered answer";
}

TEST(stand_in, the_next_look_takes_the_place_of_the_upstreams_retry_after) {
  upstream_answer answer{404, {{"retry-after", "9"}}, ""};
  state_next_look(answer, std::chrono::seconds{120});
  ASSERT_EQ(answer.fields.size(), 1U);
  EXPECT_EQ(answer.field("Retry-After"), "120");
}

}  // namespace
}  // namespace gateway::stand_in_test
