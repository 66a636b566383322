// The settings of a fleet.
#include <gtest/gtest.h>

#include "core/settings/validate_fleet.hpp"
#include "settings_words.hpp"

namespace gateway::fleet_settings_test {
namespace {

std::string parsed(std::string_view url) {
  auto const where = parse_engine_url(url);
  if (!where) return "none";
  if (!where->unix_path.empty()) return where->unix_path;
  return (where->tls ? "tls " : "") + where->host + " " + std::to_string(where->port);
}

TEST(fleet_settings, where_the_engine_is) {
  EXPECT_EQ(parsed("redis://engine.internal:6380"), "engine.internal 6380");
  EXPECT_EQ(parsed("redis://engine.internal"), "engine.internal 6379");
  EXPECT_EQ(parsed("rediss://[::1]/"), "tls ::1 6379");
  EXPECT_EQ(parsed("unix:/run/redis/redis.sock"), "/run/redis/redis.sock");
  for (auto const* wrong : {"", "engine.internal", "http://engine", "redis://", "redis://:pw@engine", "redis://engine/0",
                            "redis://engine:0", "redis://engine?x=1", "unix:relative", "unix:"})
    EXPECT_EQ(parsed(wrong), "none") << wrong;
}

TEST(fleet_settings, without_a_url_there_is_no_fleet) {
  auto const none = load_settings("");
  EXPECT_FALSE(none.values.fleet.is_on());
  EXPECT_FALSE(none.values.fleet.shares(fleet_share::cache));
  EXPECT_EQ(problems_of("fleet: { key_file: k }"), "1 fleet.key_file: is for a fleet: fleet.url or fleet.sentinel.name must be set\n");
}

TEST(fleet_settings, sentinels_say_where_the_engine_is) {
  auto const good = load_settings("fleet: { key_file: k, sentinel: { name: main, addresses: ['h:26379', '[::1]:26380'], tls: true } }");
  EXPECT_TRUE(good.problems.empty());
  EXPECT_TRUE(good.values.fleet.is_on());
  auto const all = sentinels_of(good.values.fleet.sentinel);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].host, "::1");
  EXPECT_EQ(all[1].port, 26380);
  EXPECT_TRUE(all[1].tls);
  EXPECT_EQ(problems_of("fleet: { key_file: k, sentinel: { name: main } }"),
            "0 fleet.sentinel.addresses: is missing; it holds the Sentinels, each as HOST:PORT\n");
  EXPECT_EQ(problems_of("fleet: { key_file: k, url: 'redis://h', sentinel: { name: main, addresses: [h] } }"),
            "1 fleet.url: must be empty when fleet.sentinel.name is set: the Sentinels say where the engine is\n"
            "1 fleet.sentinel.addresses: must hold HOST:PORT, not 'h'\n");
}

TEST(fleet_settings, what_is_shared) {
  auto const all = load_settings("fleet: { url: 'redis://h', key_file: k }");
  EXPECT_TRUE(all.problems.empty());
  for (auto const what : {fleet_share::cache, fleet_share::flights, fleet_share::limit, fleet_share::marks})
    EXPECT_TRUE(all.values.fleet.shares(what));
  auto const some = load_settings("fleet: { url: 'redis://h', key_file: k, share: [limit] }");
  EXPECT_FALSE(some.values.fleet.shares(fleet_share::cache));
  EXPECT_TRUE(some.values.fleet.shares(fleet_share::limit));
}

TEST(fleet_settings, what_is_printed_loads_back) {
  for (auto const* yaml : {"fleet: { key_file: 'a b', url: 'unix:/run/r.sock', user: '#u', password_file: 'p', ca_file: c, namespace: x-y, "
                           "timeout: 5ms, share: [marks] }",
                           "fleet: { key_file: k, sentinel: { name: 'm n', addresses: ['h:1', '[::1]:2'], tls: true }, share: [] }"}) {
    auto const text = print_settings(load_settings(yaml).values, true);
    EXPECT_EQ(problems_of(text), "");
    EXPECT_EQ(print_settings(load_settings(text).values, true), text);
    EXPECT_NE(text, print_settings(settings{}, true));
  }
}

TEST(fleet_settings, what_is_wrong_is_said_without_repeating_a_password) {
  EXPECT_EQ(problems_of("fleet: { url: 'redis://h' }"),
            "0 fleet.key_file: is missing; openssl rand -hex 32 makes a key, which all gateways of the fleet need\n");
  EXPECT_EQ(problems_of("fleet: { url: 'redis://u:pw@h', key_file: k }"),
            "1 fleet.url: must hold no credential; fleet.user and fleet.password_file are for it\n");
  EXPECT_EQ(problems_of("fleet: { url: 'redis://h/1', key_file: k }"),
            "1 fleet.url: must be redis://HOST:PORT, rediss://HOST:PORT or unix:/PATH, without database number or query\n");
  EXPECT_EQ(problems_of("fleet: { url: 'redis://h', key_file: k, user: gateway }"), "1 fleet.user: needs fleet.password_file\n");
  EXPECT_EQ(problems_of("fleet: { url: 'redis://h', key_file: k, namespace: 'a}b' }"),
            "1 fleet.namespace: must be up to 64 letters, digits, '-', '.' or '_', not 'a}b'\n");
}

}  // namespace
}  // namespace gateway::fleet_settings_test
