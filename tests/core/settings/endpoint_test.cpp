#include "core/settings/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::endpoint_test {
namespace {

using namespace std::string_view_literals;

std::string endpoint_in_words(std::string_view text) {
  auto const e = parse_endpoint(text);
  if (!e) return "refused";
  auto const where = e->is_unix() ? "unix " + e->unix_path : e->address + " " + std::to_string(e->port);
  return where + (e->is_loopback() ? " loopback" : "");
}

TEST(endpoint, addresses) {
  struct row {
    std::string_view text;
    std::string expected;
  };
  static const std::string longest = "unix:/" + std::string(106, 'a');
  static const std::string too_long = longest + "a";
  static const row rows[] = {
      {"127.0.0.1:8080", "127.0.0.1 8080 loopback"},
      {"127.1.2.3:0", "127.1.2.3 0 loopback"},
      {"0.0.0.0:80", "0.0.0.0 80"},
      {"192.0.2.1:65535", "192.0.2.1 65535"},
      {"[::1]:80", "::1 80 loopback"},
      {"[::]:80", ":: 80"},
      {"[2001:db8::1]:80", "2001:db8::1 80"},
      {"unix:/run/x.sock", "unix /run/x.sock loopback"},
      {longest, "unix /" + std::string(106, 'a') + " loopback"},
      {too_long, "refused"},
      {"unix:", "refused"},
      {"unix:relative", "refused"},
      {"", "refused"},
      {"127.0.0.1", "refused"},
      {"127.0.0.1:", "refused"},
      {"127.0.0.1:65536", "refused"},
      {"127.0.0.1:-1", "refused"},
      {"127.0.0.1:http", "refused"},
      {"127.0.0.1:80 ", "refused"},
      {"127.0.0.256:80", "refused"},
      {"127.1:80", "refused"},
      {":80", "0.0.0.0 80"},
      {"localhost:80", "127.0.0.1 80 loopback"},
      {"LocalHost:80", "127.0.0.1 80 loopback"},
      {":", "refused"},
      {":x", "refused"},
      {"localhost", "refused"},
      {"localhost.:80", "refused"},
      {"localhost.example:80", "refused"},
      {"*:80", "refused"},
      {"::1:80", "refused"},
      {"[::1]", "refused"},
      {"[::1", "refused"},
      {"[::1]x:80", "refused"},
      {"[127.0.0.1]:80", "refused"},
      {"[]:80", "refused"},
      {"127.0.0.1\0:80"sv, "refused"},
  };
  for (auto const& r : rows) EXPECT_EQ(endpoint_in_words(r.text), r.expected) << r.text;
}

TEST(endpoint, modes_of_socket_files) {
  struct row {
    std::string_view text, why_not;  // "": it is possible
  };
  static constexpr row rows[] = {
      {"0660", ""},
      {"660", ""},
      {"0600", ""},
      {"0777", ""},
      {"432",
       "would keep the socket's owner from connecting; did you mean \"0660\"? Helm and other tools write 0660 without quotes as 432"},
      {"416",
       "would keep the socket's owner from connecting; did you mean \"0640\"? Helm and other tools write 0640 without quotes as 416"},
      {"504",
       "would keep the socket's owner from connecting; did you mean \"0770\"? Helm and other tools write 0770 without quotes as 504"},
      {"384", "must be octal permissions such as \"0660\"; did you mean \"0600\"? Helm and other tools write 0600 without quotes as 384"},
      {"438", "must be octal permissions such as \"0660\"; did you mean \"0666\"? Helm and other tools write 0666 without quotes as 438"},
      {"0060", "would keep the socket's owner from connecting"},
      {"0", "would keep the socket's owner from connecting"},
      {"999", "must be octal permissions such as \"0660\""},
      {"07777", "must be octal permissions such as \"0660\""},
      {"rw-rw----", "must be octal permissions such as \"0660\""},
      {"99999999999999999999", "must be octal permissions such as \"0660\""},
  };
  for (auto const& r : rows) EXPECT_EQ(why_no_socket_mode(r.text), r.why_not) << r.text;
}

std::string origin_in_words(std::string_view url) {
  auto const o = parse_origin(url);
  if (!o) return "refused";
  return std::string{o->tls ? "tls " : "plain "} + o->host + " " + std::to_string(o->port) + " as " + o->host_field();
}

TEST(endpoint, origins) {
  struct row {
    std::string_view url, expected;
  };
  static constexpr row rows[] = {
      {"https://insights.twilio.com", "tls insights.twilio.com 443 as insights.twilio.com"},
      {"https://insights.twilio.com/", "tls insights.twilio.com 443 as insights.twilio.com"},
      {"https://insights.dublin.ie1.twilio.com:443", "tls insights.dublin.ie1.twilio.com 443 as insights.dublin.ie1.twilio.com"},
      {"https://localhost:8443", "tls localhost 8443 as localhost:8443"},
      {"https://127.0.0.1:8443", "tls 127.0.0.1 8443 as 127.0.0.1:8443"},
      {"https://[::1]:8443", "tls ::1 8443 as [::1]:8443"},
      {"https://[::1]", "tls ::1 443 as [::1]"},
      {"http://127.0.0.1:80", "plain 127.0.0.1 80 as 127.0.0.1"},
      {"http://127.0.0.1", "plain 127.0.0.1 80 as 127.0.0.1"},
      {"http://127.0.0.1:443", "plain 127.0.0.1 443 as 127.0.0.1:443"},
      {"", "refused"},
      {"insights.twilio.com", "refused"},
      {"ftp://h", "refused"},
      {"https:/h", "refused"},
      {"https://", "refused"},
      {"https:///", "refused"},
      {"https://h:0", "refused"},
      {"https://h:65536", "refused"},
      {"https://h:", "refused"},
      {"https://:443", "refused"},
      {"https://u:p@h", "refused"},
      {"https://h/v1", "refused"},
      {"https://h//", "refused"},
      {"https://h?x", "refused"},
      {"https://h#x", "refused"},
      {"https://h x", "refused"},
      {"https://h,i", "refused"},
      {"https://[h]", "refused"},
      {"https://h\r\nX: y", "refused"},
      // A dot at the end is for the resolver; Host is without it.
      {"https://insights.twilio.com.", "tls insights.twilio.com. 443 as insights.twilio.com"},
      {"https://insights.twilio.com.:443/", "tls insights.twilio.com. 443 as insights.twilio.com"},
      {"https://localhost.:8443", "tls localhost. 8443 as localhost:8443"},
      {"https://.", "refused"},
      {"https://h..", "refused"},
      {"https://..:443", "refused"},
      {"https://127.0.0.1.", "refused"},
      {"https://[::1.]", "refused"},
  };
  for (auto const& r : rows) EXPECT_EQ(origin_in_words(r.url), r.expected) << r.url;
}

TEST(endpoint, authorities) {
  struct row {
    std::string_view text, expected;
  };
  static constexpr row rows[] = {
      {"203.0.113.7:443", "203.0.113.7:443"},
      {"insights.example:8443", "insights.example:8443"},
      {"insights.example.:443", "insights.example:443"},
      {"[2001:db8::1]:443", "[2001:db8::1]:443"},
      {"localhost:1", "localhost:1"},
      {"", "refused"},
      {"insights.example", "refused"},
      {"insights.example:", "refused"},
      {"insights.example:0", "refused"},
      {"insights.example:65536", "refused"},
      {":443", "refused"},
      {".:443", "refused"},
      {"2001:db8::1:443", "refused"},
      {"[2001:db8::1]", "refused"},
      {"https://insights.example:443", "refused"},
      {"insights.example:443/", "refused"},
      {"u:p@insights.example:443", "refused"},
      {"unix:/run/x.sock", "refused"},
      {"a b:443", "refused"},
      {"h:443\r\nX: y", "refused"},
  };
  for (auto const& r : rows) {
    auto const parsed = parse_authority(r.text);
    EXPECT_EQ(parsed ? parsed->authority() : "refused", r.expected) << r.text;
  }
}

TEST(endpoint, loopback_hosts) {
  for (auto const host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback_host(host)) << host;
  for (auto const host :
       {"", "localhost.evil.com", "127.evil.com", "127.0.0.1.evil.com", "128.0.0.1", "localhost.", "::", "0.0.0.0", "127.1"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

}  // namespace
}  // namespace gateway::endpoint_test
