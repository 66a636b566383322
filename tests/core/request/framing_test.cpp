#include "core/request/framing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace gateway::framing_test {
namespace {

using namespace std::string_view_literals;

TEST(framing, hosts) {
  struct row {
    std::string_view text;
    bool expected;
  };
  static constexpr row rows[] = {
      {"insights.twilio.com", true},
      {"INSIGHTS.twilio.com:443", true},
      {"127.0.0.1:8080", true},
      {"localhost:", true},  // RFC 3986: a port may be empty
      {"h:0", true},
      {"h:65535", true},
      {"h_1-2~x", true},
      {"h%2e", true},
      {"[::1]", true},
      {"[::1]:80", true},
      {"[v1.a]", true},
      {"", false},  // RFC 9110 §4.2.1: an http URI has a host
      {":80", false},
      {"h:65536", false},
      {"h:+80", false},
      {"h:80:80", false},
      {"h:80a", false},
      {"h:-1", false},
      {"u@h", false},
      {"u:p@h", false},
      {"h/x", false},
      {"h?x", false},
      {"h#x", false},
      {"h,i", false},
      {"h i", false},
      {"h\ti", false},
      {"h\\i", false},
      {"h\"", false},
      {"<h>", false},
      {"caf\xc3\xa9", false},
      {"h%", false},
      {"h%2", false},
      {"h%zz", false},
      {"[::1", false},
      {"[]", false},
      {"[::1]x", false},
      {"[::1]:x", false},
      {"[::1%25eth0]", false},
      {"[[::1]]", false},
      {"h]", false},
      {"::1", false},
      {"h\0"sv, false},
  };
  for (auto const& r : rows) {
    auto const exact = std::make_unique<char[]>(r.text.size());  // no terminator after it, so ASan detects a read beyond the end
    std::ranges::copy(r.text, exact.get());
    EXPECT_EQ(is_host({exact.get(), r.text.size()}), r.expected) << r.text;
  }
}

framing one_host() {
  framing seen;
  seen.add_host("h");
  return seen;
}

TEST(framing, content_is_judged_before_hosts) {
  framing seen;
  seen.add_content_length("x");
  EXPECT_EQ(check_framing(seen, false, std::nullopt), fault::malformed_content_length);
}

TEST(framing, the_authority_must_say_what_host_says) {
  EXPECT_EQ(check_framing(one_host(), false, "h"), std::nullopt);
  EXPECT_EQ(check_framing(one_host(), false, "H"), std::nullopt);
  EXPECT_EQ(check_framing(one_host(), false, "i"), fault::host_mismatch);
  EXPECT_EQ(check_framing(one_host(), true, "i"), fault::host_mismatch);
  EXPECT_EQ(check_framing(framing{}, true, "h"), std::nullopt);
}

TEST(framing, an_earlier_length_does_not_hide_a_later_one) {
  auto seen = one_host();
  seen.add_content_length("5");
  seen.add_content_length("0");
  EXPECT_EQ(check_framing(seen, false, std::nullopt), fault::malformed_content_length);
}

}  // namespace
}  // namespace gateway::framing_test
