// The settings of the events listener.
#include <gtest/gtest.h>

#include "core/settings/validate_events.hpp"
#include "settings_words.hpp"

namespace gateway::event_settings_test {
namespace {

TEST(event_settings, off_by_default) {
  auto const none = load_settings("");
  EXPECT_FALSE(none.values.events.is_on());
  EXPECT_EQ(problems_of("events: { auth_token_file: f }"),
            "1 events.auth_token_file: is for the events listener: events.address must be set\n");
}

TEST(event_settings, address_url_and_token_belong_together) {
  EXPECT_EQ(problems_of("events: { address: '127.0.0.1:8090', public_url: 'https://hooks.example/x', auth_token_file: f }"), "");
  EXPECT_EQ(problems_of("events:\n  address: '127.0.0.1'\n  public_url: 'http://hooks.example/x'\n"),
            "0 events.auth_token_file: is missing: without an auth token, no signature can be checked\n"
            "2 events.address: must be ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH, not '127.0.0.1'\n"
            "3 events.public_url: must be the URL of the sink at Twilio, https://HOST[:PORT]/PATH without a query, not "
            "'http://hooks.example/x'\n");
}

TEST(event_settings, only_a_gateway_with_credentials_of_its_own_prefetches) {
  EXPECT_EQ(problems_of("events: { address: '127.0.0.1:8090', public_url: 'https://hooks.example/x', auth_token_file: f, prefetch: true }"),
            "1 events.prefetch: is for credentials.mode inject: in mode forward the gateway has no credential to fetch with\n");
}

TEST(event_settings, a_certificate_needs_its_key) {
  auto const with = [](const std::string& tls) {
    return "events: { address: '127.0.0.1:8090', public_url: 'https://hooks.example/x', auth_token_file: f, tls: " + tls + " }";
  };
  auto const good = load_settings(with("{ certificate: c, key: k }"));
  EXPECT_TRUE(good.problems.empty());
  EXPECT_EQ(tls_of(good.values.events)->key, "k");
  EXPECT_FALSE(tls_of(load_settings(with("{}")).values.events));
  for (auto const* const half : {"{ certificate: c }", "{ key: k }", "{ client_ca: a }"})
    EXPECT_EQ(problems_of(with(half)), "1 events.tls: needs both certificate and key\n") << half;
}

}  // namespace
}  // namespace gateway::event_settings_test
