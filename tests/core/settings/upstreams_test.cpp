// Several upstreams in the settings: what an entry has from the section, what it has not, and what a running gateway cannot take over.
#include "core/settings/upstreams.hpp"

#include <gtest/gtest.h>

#include "settings/settings_words.hpp"

namespace gateway::upstreams_test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view two =
    "upstream:\n"
    "  url: https://insights.twilio.com\n"
    "  connect_to: 203.0.113.7:443\n"
    "  proxy: http://proxy.internal:3128\n"
    "  proxy_credential_file: proxy.credential\n"
    "  timeout: 5s\n"
    "  max_in_flight: 7\n"
    "upstreams:\n"
    "  - name: eu\n"
    "    url: https://insights.dublin.ie1.twilio.com\n"
    "    timeout: 9s\n"
    "  - name: au\n"
    "    url: https://insights.sydney.au1.twilio.com\n"
    "    proxy: http://other.internal:3128\n"
    "listeners:\n"
    "  - address: 127.0.0.1:8080\n"
    "  - address: 127.0.0.1:8081\n"
    "    upstream: eu\n"
    "  - address: 127.0.0.1:8082\n"
    "    upstream: default\n";

TEST(upstreams, an_entry_has_what_it_does_not_set_from_the_section) {
  ASSERT_EQ(problems_of(two), "");
  auto const values = load_settings(two).values;
  auto const& eu = upstream_named(values, "eu");
  EXPECT_EQ(eu.timeout, 9s);
  EXPECT_EQ(eu.max_in_flight, 7U);
  EXPECT_EQ(eu.proxy, "http://proxy.internal:3128");
  EXPECT_EQ(eu.proxy_credential_file, "proxy.credential");
  EXPECT_EQ(values.upstream.timeout, 5s);
}

TEST(upstreams, where_an_entry_leads_is_its_own) {
  auto const values = load_settings(two).values;
  EXPECT_EQ(upstream_named(values, "eu").connect_to, "");
  EXPECT_EQ(upstream_named(values, "au").proxy_credential_file, "") << "it is for another proxy";
  EXPECT_EQ(problems_of("upstreams: [{ name: eu }]\n"), "1 upstreams[0].url: is missing; where an upstream is, its own entry says\n");
}

TEST(upstreams, a_listener_names_one_and_default_is_the_section) {
  auto const values = load_settings(two).values;
  EXPECT_EQ(values.listeners[0].upstream, "");
  EXPECT_EQ(values.listeners[1].upstream, "eu");
  EXPECT_EQ(values.listeners[2].upstream, "");
  EXPECT_EQ(&upstream_named(values, ""), &values.upstream);
  EXPECT_EQ(shown_upstream(""), "default");
}

TEST(upstreams, an_unknown_name_is_a_problem_with_a_hint) {
  EXPECT_EQ(problems_of("upstreams: [{ name: dublin, url: https://a.test }]\nlisteners:\n  - address: 127.0.0.1:1\n    upstream: dubln\n"),
            "4 listeners[0].upstream: 'dubln' is no upstream; did you mean 'dublin'?\n");
  EXPECT_EQ(
      problems_of("credentials:\n  mode: inject\n  allow_unauthenticated: main\n  accounts:\n    - name: main\n      credential_file: f\n"
                  "      upstream: eu\n"),
      "7 credentials.accounts[0].upstream: 'eu' is no upstream\n");
}

TEST(upstreams, names_are_short_words_of_one_entry_each) {
  auto const of = [](const std::string& names) {
    std::string text = "upstreams:\n";
    for (auto const& name : {names.substr(0, names.find('/')), names.substr(names.find('/') + 1)})
      text += "  - url: https://a.test\n    name: \"" + name + "\"\n";
    return problems_of(text);
  };
  EXPECT_EQ(of("eu/us"), "") << "two may have the same url";
  EXPECT_EQ(of("eu/eu"), "5 upstreams[1].name: 'eu' is the name of an earlier one\n");
  EXPECT_EQ(of("eu/default"), "5 upstreams[1].name: 'default' is the name of the section upstream\n");
  EXPECT_EQ(of("eu/"), "5 upstreams[1].name: is missing; a listener names its upstream by it\n");
  EXPECT_EQ(of("eu/a b"), "5 upstreams[1].name: must be up to 32 letters, digits, '-', '.' or '_', not 'a b'\n");
  EXPECT_NE(of("eu/" + std::string(33, 'a')), "");
}

TEST(upstreams, each_entry_is_judged_as_the_section_is) {
  EXPECT_EQ(problems_of("upstreams: [{ name: eu, url: \"http://insights.twilio.com\" }]\n"),
            "1 upstreams[0].url: must be https; http is possible only with allow_plaintext: true and a loopback host\n");
  EXPECT_EQ(problems_of("upstreams: [{ name: eu, url: https://a.test, proxy: \"http://p\" }]\n"),
            "1 upstreams[0].proxy: must name its port: http://HOST:PORT\n");
  EXPECT_EQ(problems_of("upstreams: [{ name: eu, url: https://a.test, max_body_bytes: 1MiB }]\n"),
            "1 upstreams[0].max_body_bytes: is not a setting\n");
  EXPECT_EQ(
      problems_of(
          "limits: { request_timeout: 30s }\npolling: { max_hold: 20s }\nupstreams: [{ name: eu, url: https://a.test, timeout: 20s }]\n"),
      "2 polling.max_hold: must be no longer than limits.request_timeout less upstream.timeout, or 0s\n");
}

TEST(upstreams, what_is_printed_loads_back) {
  auto const values = load_settings(two).values;
  auto const printed = print_settings(values, false);
  EXPECT_EQ(problems_of(printed), "") << printed;
  EXPECT_EQ(print_settings(load_settings(printed).values, true), print_settings(values, true));
  auto const au = upstream_named(load_settings(printed).values, "au");
  EXPECT_EQ(au.proxy_credential_file, "") << "an empty text is no missing one";
  EXPECT_EQ(au.max_in_flight, 7U);
}

TEST(upstreams, some_changes_of_an_entry_need_a_restart_and_are_named) {
  auto const before = load_settings(two).values;
  auto next = before;
  EXPECT_TRUE(upstreams_needing_restart(before, next).empty());
  next.upstreams[0].timeout = 1s;
  next.upstreams[0].ca_file = "other.pem";
  std::swap(next.upstreams[0], next.upstreams[1]);
  EXPECT_TRUE(upstreams_needing_restart(before, next).empty()) << "the order says nothing";

  next = before;
  next.upstreams[0].name = "ie";
  next.upstreams[1].url = "https://insights.twilio.com";
  next.upstreams[1].connect_to = "203.0.113.8:443";
  next.upstreams[1].proxy = "";
  std::string all;
  for (auto const& one : upstreams_needing_restart(before, next)) all += one.substr(0, one.find(" needs a restart")) + "\n";
  EXPECT_EQ(all,
            "upstreams: to remove 'eu'\nupstreams: to add 'ie'\nupstreams[1].url: a change of it\nupstreams[1].connect_to: a change of it\n"
            "upstreams[1].proxy: a change of it\n");
}

}  // namespace
}  // namespace gateway::upstreams_test
