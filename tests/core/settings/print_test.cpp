#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <string_view>

#include "core/settings/load.hpp"
#include "core/settings/settings_table.hpp"
#include "documents.hpp"
#include "settings/settings_words.hpp"

namespace gateway::print_test {
namespace {

// Visits the settings table and gives every setting a random value within its bounds.
class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {}

  template <class Body>
  void section(std::string_view key, std::string_view, Body&& body) {
    // Their settings depend on each other: see fleet_test, events_test, credentials_test.
    if (key != "fleet" && key != "events" && key != "jwt") body();
  }
  template <class Value>
  void count(std::string_view, Value& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    value = between(low, high);
  }
  void count_or_auto(std::string_view, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    value = random_() % 4 ? between(low, high) : 0;
  }
  void span(std::string_view, gateway::span& value, gateway::span low, gateway::span high, std::string_view) {
    using std::chrono::microseconds;
    auto const from = std::chrono::ceil<microseconds>(low).count();
    auto const to = std::chrono::floor<microseconds>(high).count();
    value = microseconds{between(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to))};
  }
  template <class Value>
  void bytes(std::string_view, Value& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    value = between(low, high);
  }
  void bytes_or_auto(std::string_view, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    value = random_() % 4 ? between(low, high) : 0;
  }
  template <class Value>
  void sizes(std::string_view, std::vector<Value>& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    value.clear();
    for (auto count = random_() % 4; count > 0; --count) value.push_back(between(low, high));
  }
  void spans(std::string_view, std::vector<gateway::span>& value, gateway::span low, gateway::span high, std::string_view) {
    value.clear();
    for (auto count = random_() % 4; count > 0; --count) span("", value.emplace_back(), low, high, "");
  }
  void text(std::string_view key, std::string& value, std::string_view) {
    if (key == "url" || key == "otlp_url") {
      value = random_() % 2 ? "https://[::1]:8443" : "https://insights.dublin.ie1.twilio.com";
    } else if (key == "address" || key == "metrics_address") {
      value = address(key == "address" ? 8 : 9);
    } else if (key == "proxy") {
      value = "http://proxy.internal:3128";
    } else if (key == "connect_to") {
      value = random_() % 2 ? "[2001:db8::1]:443" : "";
    } else if (key == "handover") {
      value = random_() % 2 ? "unix:/run/#: x" : "";
    } else if (key == "file") {
      value = "." + any_text();                   // a key_file requires a file
    } else if (key != "allow_unauthenticated") {  // only for mode inject, like the lists: see credentials_test
      value = any_text();
    }
  }
  void texts(std::string_view key, std::vector<std::string>& value, std::string_view) {
    value.clear();
    auto const one = [&] { return key == "allow_origins" ? "https://[::1]:8443" : key == "answer_fields" ? "X-Other" : any_text(); };
    for (auto count = random_() % 3; count > 0; --count) value.push_back(one());
  }
  void flag(std::string_view, bool& value, std::string_view) { value = random_() % 2; }
  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, const std::array<std::string_view, N>&, std::string_view) {
    if (key != "mode") value = static_cast<Enum>(random_() % N);
  }
  template <std::size_t N>
  void choices(std::string_view, std::array<bool, N>& value, const std::array<std::string_view, N>&, std::string_view) {
    for (auto& one : value) one = random_() % 2;
  }
  void states(std::string_view, bool (&value)[processing_state_count], std::string_view) {
    for (std::size_t i = 0; i < processing_state_count; ++i) {
      value[i] = static_cast<processing_state>(i) != processing_state::partial && random_() % 2;
    }
  }
  void listeners(std::string_view, std::vector<listener_settings>& value, std::string_view) {
    value.clear();
    for (auto count = 1 + random_() % 3; count > 0; --count) {
      listener_settings one{.address = address(value.size())};
      if (one.address.starts_with("unix:")) {
        one.mode = random_() % 2 ? "0660" : "";
        one.owner = any_text();
      }
      if (random_() % 2) one.tls = tls_settings{"c" + any_text(), "k" + any_text(), any_text(), std::chrono::minutes{random_() % 100}};
      if (random_() % 2)
        one.proxy_headers_from = one.trusted_proxies = one.address.starts_with("unix:") ? some("unix") : some("10.0.0.0/8", "::1");
      if (random_() % 2) one.public_url = "https://gw.example:8443";
      value.push_back(one);
    }
  }

  template <class Row, class Visit>
  void list(std::string_view, std::vector<Row>&, std::string_view, Visit&&) {}
  template <class Body>
  void group(std::string_view, bool, Body&&) {}
  template <class Row, class Visit>
  void list_like(std::string_view, std::vector<Row>&, const Row&, std::string_view, Visit&&) {}  // see upstreams_test

private:
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    auto const width = random_() % 2 ? high - low : std::min<std::uint64_t>(high - low, 100);
    return low + random_() % (width + 1);
  }
  template <class... Text>
  static std::vector<std::string> some(Text... texts) {
    return {texts...};
  }
  // Another one for each listener.
  std::string address(std::size_t number) {
    static constexpr std::string_view some[] = {"127.0.0.1:", "[::1]:", "unix:/run/a b.sock", "unix:/run/\"quoted\".sock", "unix:/#: x"};
    return std::string{some[random_() % std::size(some)]} + std::to_string(number);
  }
  // Texts that YAML could read as another type.
  std::string any_text() {
    static constexpr std::string_view some[] = {"",     "null", "Null", "~",    "true", "no",         "12",   "1e3", "-",   "--",   "---",
                                                ".",    "...",  "/a/b", "a b",  " a",   "a ",         "a: b", "#a",  "a#b", "a #b", "&a",
                                                "*a",   "!a",   "|",    ">",    "'",    "\"",         "\\",   "\\n", "\n",  "\t",   "{",
                                                "}",    "[",    "]",    ",",    "%",    "@",          "`",    "?",   ":",   "- a",  "é",
                                                "日本", "\x1b", "\x7f", "a\rb", "0x1",  "2001-01-01", "=",    "<<"};
    return std::string{some[random_() % std::size(some)]};
  }
  std::mt19937_64 random_;
};

TEST(print, what_is_printed_loads_back_to_the_same_settings) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    settings values;
    dice rolled{seed};
    visit_settings(rolled, values);
    auto const text = print_settings(values, seed % 2 == 0);
    auto const again = load_settings(text);
    // What is rolled need not belong together.
    for (auto const& one : again.problems)
      ASSERT_TRUE(one.key.starts_with("admin.") || one.key == "polling.max_hold" || one.key.starts_with("shadow."))
          << problems_of(text) << text;
    ASSERT_EQ(print_settings(again.values, seed % 2 == 0), text);
    // Comparing printed texts alone could miss a value that both lose.
    ASSERT_EQ(again.values.workers, values.workers);
    ASSERT_EQ(again.values.upstream.ca_file, values.upstream.ca_file) << text;
    ASSERT_EQ(again.values.admin.token_file, values.admin.token_file) << text;
    ASSERT_EQ(again.values.upstream.timeout, values.upstream.timeout);
    ASSERT_EQ(again.values.cache.max_bytes, values.cache.max_bytes);
    ASSERT_EQ(again.values.shadow.max_bytes, values.shadow.max_bytes);
    ASSERT_EQ(again.values.shadow.fresh_for, values.shadow.fresh_for);
    ASSERT_EQ(again.values.passthrough, values.passthrough) << text;
    ASSERT_EQ(again.values.listeners.size(), values.listeners.size());
    for (std::size_t i = 0; i < values.listeners.size(); ++i) {
      auto const& was = values.listeners[i];
      auto const& is = again.values.listeners[i];
      ASSERT_EQ(is.address, was.address);
      ASSERT_EQ(is.proxy_headers_from, was.proxy_headers_from) << text;
      ASSERT_EQ(is.trusted_proxies, was.trusted_proxies) << text;
      ASSERT_EQ(is.tls.has_value(), was.tls.has_value());
      if (!was.tls) continue;
      ASSERT_EQ(is.tls->certificate, was.tls->certificate) << text;
      ASSERT_EQ(is.tls->key, was.tls->key) << text;
      ASSERT_EQ(is.tls->client_ca, was.tls->client_ca) << text;
    }
  }
}

TEST(print, comments_change_nothing) {
  auto const plain = print_settings(settings{}, false);
  EXPECT_EQ(plain.find('#'), std::string::npos);
  auto const commented = print_settings(settings{}, true);
  EXPECT_EQ(print_settings(load_settings(commented).values, false), plain);
  EXPECT_TRUE(load_settings(commented).problems.empty());
}

TEST(print, says_auto_and_words_instead_of_numbers) {
  auto const text = print_settings(settings{}, false);
  for (std::string_view const part :
       {"workers: auto\n", "  max_bytes: 256MiB\n", "  fresh_for: 1h\n", "  level: info\n", "  mode: forward\n",
        "  serve_complete_for: [absent, complete, all]\n", "listeners:\n  - address: \"127.0.0.1:8080\"\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
}

// Every key, commented, with its default. After a change of the settings table, run:
// GATEWAY_WRITE_REFERENCE=1 core_tests --gtest_filter=print.the_shipped_config_is_the_defaults
TEST(print, the_shipped_config_is_the_defaults) {
  auto const expected = print_settings(settings{}, true);
  EXPECT_EQ(shipped("config/gateway.yaml", expected), expected);
}

TEST(print, comments_fit_into_an_editors_window) {
  std::istringstream lines{print_settings(settings{}, true)};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120U) << line;
}

}  // namespace
}  // namespace gateway::print_test
