#include "core/settings/listening.hpp"

#include <gtest/gtest.h>

namespace gateway::listening_test {
namespace {

TEST(listening, one_place_however_it_is_written) {
  struct row {
    std::string_view a, b;
    bool same;
  };
  static constexpr row rows[] = {
      {"127.0.0.1:80", "127.0.0.1:80", true},
      {"127.0.0.1:80", "127.0.0.1:81", false},
      {"127.0.0.1:80", "127.0.0.2:80", false},
      {"[::1]:80", "[0:0::0:1]:80", true},
      {"[::1]:80", "[::]:80", false},
      {"0.0.0.0:80", "[::]:80", false},
      {"[::2]:80", "[0::2]:81", false},
      {"unix:/a", "unix:/a", true},
      {"unix:/a", "unix:/b", false},
      {"unix:/a", "127.0.0.1:80", false},
      {"[2001:DB8::1]:1", "[2001:db8::1]:1", true},
  };
  for (auto const& [a, b, same] : rows) {
    EXPECT_EQ(is_same_place(*parse_endpoint(a), *parse_endpoint(b)), same) << a << ' ' << b;
    EXPECT_EQ(is_same_place(*parse_endpoint(b), *parse_endpoint(a)), same) << b << ' ' << a;
  }
}

TEST(listening, a_configuration_s_addresses) {
  settings values;
  values.listeners = {listener_settings{.address = "127.0.0.1:1"}, listener_settings{.address = "unix:/a"}};
  values.admin.address = "127.0.0.1:2";
  EXPECT_EQ(listening_addresses(values).size(), 3U);
  values.admin.metrics_address = "0.0.0.0:3";
  auto const all = listening_addresses(values);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].port, 1);
  EXPECT_EQ(all[1].unix_path, "/a");
  EXPECT_EQ(all[2].port, 2);
  EXPECT_EQ(all[3].port, 3);
}

TEST(listening, pages_need_a_public_url_where_tls_could_end_before) {
  settings values;
  EXPECT_FALSE(may_misname_pages(values)) << "no list passes through";
  values.passthrough[0] = true;
  EXPECT_TRUE(may_misname_pages(values));
  values.listeners[0].public_url = "https://gw.example";
  EXPECT_FALSE(may_misname_pages(values));
  values.listeners.push_back({.address = "127.0.0.1:1", .tls = tls_settings{}});
  EXPECT_FALSE(may_misname_pages(values));
  values.listeners.push_back({.address = "unix:/a"});
  EXPECT_TRUE(may_misname_pages(values));
}

}  // namespace
}  // namespace gateway::listening_test
