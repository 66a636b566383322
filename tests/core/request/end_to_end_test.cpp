#include "core/request/end_to_end.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::end_to_end_test {
namespace {

std::string forwarded(const std::string& fields) {
  auto const text = "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
  auto const head = parse_head(text, {});
  return head ? end_to_end_fields(*head) : "refused";
}

TEST(end_to_end, what_twilio_documents_goes_on_as_it_was_sent) {
  EXPECT_EQ(forwarded(""), "");
  EXPECT_EQ(forwarded("twilio-client-validation:  a.b.c \r\n"), "twilio-client-validation: a.b.c\r\n");
  EXPECT_EQ(forwarded("Twilio-Client-Validation: a\r\nX: y\r\nTwilio-Client-Validation: b\r\n"),
            "Twilio-Client-Validation: a\r\nTwilio-Client-Validation: b\r\n");
}

TEST(end_to_end, nothing_else_goes_on) {
  EXPECT_EQ(forwarded("Cookie: a\r\nTE: trailers\r\nKeep-Alive: 5\r\nTwilio-Client-Validations: a\r\nX-Twilio-Client-Validation: a\r\n"),
            "");
}

TEST(end_to_end, what_connection_names_is_the_clients_own) {
  EXPECT_EQ(forwarded("Connection: twilio-client-validation\r\nTwilio-Client-Validation: a\r\n"), "");
  EXPECT_EQ(forwarded("Twilio-Client-Validation: a\r\nConnection: close\r\nConnection: x, Twilio-Client-Validation\r\n"), "");
  EXPECT_EQ(forwarded("Connection: close\r\nTwilio-Client-Validation: a\r\n"), "Twilio-Client-Validation: a\r\n");
}

}  // namespace
}  // namespace gateway::end_to_end_test
