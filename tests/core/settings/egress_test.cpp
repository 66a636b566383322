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

upstream_settings settings_of(std::string url, std::string connect_to = "", std::string proxy = "") {
  upstream_settings s;
  s.url = std::move(url);
  s.connect_to = std::move(connect_to);
  s.proxy = std::move(proxy);
  return s;
}

std::string tunnelled(const upstream_settings& s) { return dialled(s) + " to " + tunnel_authority(s, *parse_origin(s.url)); }

TEST(egress, the_host_that_is_dialled) {
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com")), "insights.twilio.com 443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com.:8443")), "insights.twilio.com. 8443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "203.0.113.7:444")), "203.0.113.7 444 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "[2001:db8::1]:443")), "2001:db8::1 443 for insights.twilio.com");
  EXPECT_EQ(dialled(settings_of("https://insights.twilio.com", "edge.example.:443")), "edge.example. 443 for insights.twilio.com");
}

TEST(egress, a_proxy_is_dialled_and_asked_for_the_place_that_would_be_dialled_without_it) {
  constexpr auto url = "https://insights.twilio.com.";
  EXPECT_EQ(tunnelled(settings_of(url, "", "http://proxy.internal:3128")),
            "proxy.internal 3128 for insights.twilio.com to insights.twilio.com:443");
  EXPECT_EQ(tunnelled(settings_of(url, "203.0.113.7:444", "http://[2001:db8::3]:80/")),
            "2001:db8::3 80 for insights.twilio.com to 203.0.113.7:444");
  EXPECT_EQ(tunnelled(settings_of(url, "[2001:db8::1]:443", "http://proxy.:3128")),
            "proxy. 3128 for insights.twilio.com to [2001:db8::1]:443");
}

}  // namespace
}  // namespace gateway::egress_test
