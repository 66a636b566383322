// The way to the upstream: which host is dialled, and what the upstream is called there.
#include "core/settings/egress.hpp"

#include <gtest/gtest.h>

namespace gateway::egress_test {
namespace {

std::string dialled(const upstream_settings& s) {
  auto const upstream = parse_origin(s.url);
  if (!upstream) return "no URL";
  auto const there = dialled_origin(s, *upstream);
  return there.host + " " + std::to_string(there.port) + " for " + std::string{upstream->name()};
}

upstream_settings settings_of(std::string url, std::string connect_to = "") {
  upstream_settings s;
  s.url = std::move(url);
  s.connect_to = std::move(connect_to);
  return s;
}

TEST(egress, the_host_that_is_dialled) {
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com")), "insights.twilio.com 443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com.:8443")), "insights.twilio.com. 8443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "203.0.113.7:444")), "203.0.113.7 444 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "[2001:db8::1]:443")), "2001:db8::1 443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "edge.example.:443")), "edge.example. 443 for insights.twilio.com");
}

}  // namespace
}  // namespace gateway::egress_test
