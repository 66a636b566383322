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

// Each row has two addresses; `taken`: the second cannot be bound beside the first.
TEST(listening, a_place_is_for_one_listener) {
  struct row {
    std::string_view a, b;
    bool taken;
  };
  static constexpr row rows[] = {
      {"127.0.0.1:80", "127.0.0.1:80", true},  {"127.0.0.1:80", "localhost:80", true},
      {"127.0.0.1:80", "127.0.0.1:81", false}, {"127.0.0.1:80", "127.0.0.2:80", false},
      {"0.0.0.0:80", "127.0.0.1:80", true},    {":80", "10.0.0.1:80", true},
      {":80", "10.0.0.1:81", false},           {"127.0.0.1:0", "127.0.0.1:0", false},
      {"[::]:80", "[::1]:80", true},           {"[0::0]:80", "[2001:db8::1]:80", true},
      {"[::1]:80", "[0:0::1]:80", true},       {"[::1]:80", "[::2]:80", false},
      {"[::]:80", "0.0.0.0:80", false},        {"[::]:80", "127.0.0.1:80", false},
      {"unix:/run/a", "unix:/run/a", true},    {"unix:/run/a", "unix:/run//x/../a", true},
      {"unix:/run/a", "unix:/run/b", false},   {"unix:/run/a", "127.0.0.1:80", false},
  };
  for (auto const& r : rows) {
    for (bool const turned : {false, true}) {
      settings values;
      values.admin.address = "127.0.0.1:9";
      values.listeners = {listener_settings{.address = std::string{turned ? r.b : r.a}},
                          listener_settings{.address = std::string{turned ? r.a : r.b}}};
      std::string said;
      validate_listening(values, [&](const std::string& key, const std::string& text) { said += key + " " + text; });
      EXPECT_EQ(said.starts_with("listeners[1].address is taken by listeners[0].address"), r.taken) << r.a << ' ' << r.b << ' ' << said;
    }
  }
}

TEST(listening, no_part_of_the_gateway_takes_the_place_of_another) {
  settings values;
  std::string said;
  auto const note = [&](const std::string& key, const std::string& text) { said += key + " " + text.substr(0, text.find(';')) + "\n"; };
  values.listeners = {listener_settings{.address = ":80"}, listener_settings{.address = "unix:/a"}};
  values.admin.address = "127.0.0.1:80";
  values.admin.metrics_address = "10.0.0.1:80";
  values.events.address = "[::]:81";
  values.handover = "unix:/a";
  validate_listening(values, note);
  EXPECT_EQ(said,
            "admin.address is taken by listeners[0].address\n"
            "admin.metrics_address is taken by listeners[0].address\n"
            "handover is taken by listeners[1].address\n");
  said.clear();
  values.admin.metrics_address = values.events.address = "10.0.0.1:82";
  values.admin.address = "127.0.0.1:82";
  values.handover = "";
  validate_listening(values, note);
  EXPECT_EQ(said, "events.address is taken by admin.metrics_address\n");
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
