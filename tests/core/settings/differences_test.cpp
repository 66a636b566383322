// Which settings differ between two configurations.
#include "core/settings/differences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/settings/load.hpp"

namespace gateway::differences_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

settings read(std::string_view text) { return load_settings(text).values; }

TEST(differing_keys, of_the_same_are_none) { EXPECT_THAT(differing_keys(read(""), read("")), IsEmpty()); }

TEST(differing_keys, are_named_as_in_the_file) {
  auto const was = read("workers: 2\nupstream:\n  timeout: 5s\n");
  EXPECT_THAT(differing_keys(was, read("workers: 3\nupstream:\n  timeout: 6s\nlog:\n  level: debug\n")),
              ElementsAre("workers", "upstream.timeout", "log.level"));
  EXPECT_THAT(differing_keys(was, read("workers: 2\nupstream:\n  timeout: 5000ms\n")), IsEmpty()) << "the same, said differently";
}

TEST(differing_keys, lists_are_compared_as_a_whole) {
  auto const one = read("listeners:\n  - address: 127.0.0.1:8080\n");
  EXPECT_THAT(differing_keys(one, read("listeners:\n  - address: 127.0.0.1:8080\n  - address: 127.0.0.1:8081\n")),
              ElementsAre("listeners"));
  EXPECT_THAT(differing_keys(one, read("listeners:\n  - { address: \"127.0.0.1:8080\", tls: { certificate: a, key: b } }\n")),
              ElementsAre("listeners"));
  EXPECT_THAT(differing_keys(one, read("cors:\n  allow_origins: [\"https://a.example\"]\n")), ElementsAre("cors.allow_origins"));
  auto const clients = [](std::string_view name) {
    return read("credentials:\n  mode: inject\n  accounts: [{ name: a, credential_file: f }]\n  clients: [{ name: " + std::string{name} +
                ", account: a, unix_user: root }]\n");
  };
  EXPECT_THAT(differing_keys(clients("one"), clients("two")), ElementsAre("credentials.clients"));
}

}  // namespace
}  // namespace gateway::differences_test
