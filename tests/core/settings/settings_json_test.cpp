// The settings in force as JSON: every key, in the form that stands in the file.
#include <gtest/gtest.h>

#include "core/base/json_reader.hpp"
#include "core/settings/load.hpp"

namespace gateway::settings_json_test {
namespace {

std::string member(const std::string& json, std::initializer_list<std::string_view> path) {
  json_reader reader;
  auto at = reader.parse(json);
  for (auto const wanted : path) {
    std::optional<json_value> found;
    if (at)
      at->each_member([&](std::string_view name, json_value value) {
        if (name == wanted) found = value;
      });
    at = found;
  }
  return at ? at->json() : "";
}

TEST(settings_json, has_the_defaults) {
  auto const json = settings_json({});
  EXPECT_EQ(member(json, {"workers"}), R"("auto")");
  EXPECT_EQ(member(json, {"upstream", "url"}), R"("https://insights.twilio.com")");
  EXPECT_EQ(member(json, {"upstream", "max_in_flight"}), "40");
  EXPECT_EQ(member(json, {"cache", "fresh_for"}), R"("1h")");
  EXPECT_EQ(member(json, {"cache", "max_bytes"}), R"("256MiB")");
  EXPECT_EQ(member(json, {"cache", "serve_complete_for"}), R"(["absent","complete","all"])");
  EXPECT_EQ(member(json, {"credentials", "mode"}), R"("forward")");
  EXPECT_EQ(member(json, {"passthrough"}), "[]");
}

TEST(settings_json, has_listeners_and_rows_with_what_is_set) {
  auto const from = load_settings(
      "listeners:\n"
      "  - address: 127.0.0.1:8443\n"
      "    tls: { certificate: a.pem, key: b.pem }\n"
      "    trusted_proxies: [10.0.0.0/8]\n"
      "  - address: unix:/run/a\"b.sock\n"
      "credentials:\n"
      "  mode: inject\n"
      "  accounts: [{ name: main, credential_file: main.credential }]\n"
      "  clients: [{ name: billing, account: main, token_file: t }]\n");
  ASSERT_TRUE(from.problems.empty());
  auto const json = settings_json(from.values);
  EXPECT_EQ(
      member(json, {"listeners"}),
      R"([{"address":"127.0.0.1:8443","trusted_proxies":["10.0.0.0/8"],"tls":{"certificate":"a.pem","key":"b.pem","ticket_lifetime":"1h"}},)"
      R"({"address":"unix:/run/a\"b.sock"}])");
  EXPECT_EQ(member(json, {"credentials", "clients"}),
            R"([{"name":"billing","account":"main","token_file":"t","may":["all"],"methods":["GET","HEAD","POST"],)"
            R"("weight":1,"class":"interactive","max_in_flight":0}])");
}

}  // namespace
}  // namespace gateway::settings_json_test
