// Which settings a reload applies.
#include "core/settings/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/settings/differences.hpp"
#include "core/settings/load.hpp"
#include "core/settings/reference.hpp"

namespace gateway::reloading_test {
namespace {

using testing::ElementsAre;

// The settings that need `what`, in the order of the page.
std::vector<std::string> settings_that_need(std::string_view what) {
  std::vector<std::string> keys;
  auto const page = settings_reference();
  for (auto at = page.find("\n| `"); at != page.npos; at = page.find("\n| `", at + 1)) {
    auto const begin = at + 4;
    auto const row = std::string_view{page}.substr(begin, page.find('\n', begin) - begin);
    if (row.find(" | " + std::string{what} + " | ") != row.npos) keys.emplace_back(row.substr(0, row.find('`')));
  }
  return keys;
}

// Each setting is either live or listed here, so a new setting needs a decision.
TEST(reloading, these_and_no_others_need_a_restart) {
  EXPECT_THAT(settings_that_need("restart"),
              ElementsAre("workers", "handover", "admin.address", "admin.metrics_address", "admin.audit_file", "admin.tls.certificate",
                          "admin.tls.key", "admin.tls.client_ca", "upstream.url", "upstream.connect_to", "upstream.proxy",
                          "credentials.mode", "credentials.sharing", "snapshot.file", "snapshot.every", "snapshot.key_file", "fleet.url",
                          "fleet.user", "fleet.password_file", "fleet.ca_file", "fleet.key_file", "fleet.namespace", "fleet.timeout",
                          "fleet.share", "fleet.sentinel.name", "fleet.sentinel.addresses", "fleet.sentinel.tls", "events.address",
                          "events.public_url", "events.auth_token_file", "events.tls.certificate", "events.tls.key", "events.tls.client_ca",
                          "events.tls.ticket_lifetime", "limits.max_connections_per_address", "log.access_file", "log.client_addresses",
                          "tracing.otlp_url", "tracing.ca_file", "debug.core_dumps"));
}

TEST(reloading, what_is_no_setting_is_not_taken_over) {
  for (auto const* const key : {"", "listener", "listeners2", "cachet", "upstream", "limits", "log"}) EXPECT_FALSE(is_live(key)) << key;
  EXPECT_TRUE(is_live("listeners"));
  EXPECT_TRUE(is_live("cache.fresh_for"));
}

// Reloading and comparing use the same names of settings.
TEST(reloading, speaks_of_settings_as_a_comparison_names_them) {
  auto const was = load_settings("").values;
  auto const next = load_settings("workers: 3\ncors:\n  max_age: 1s\nlog:\n  sample: 5\n").values;
  std::vector<bool> live;
  for (auto const& key : differing_keys(was, next)) live.push_back(is_live(key));
  EXPECT_THAT(live, ElementsAre(false, true, true));
}

}  // namespace
}  // namespace gateway::reloading_test
