#include "core/auth/identity.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace gateway::partition_test {
namespace {

constexpr fingerprint_key key{std::byte{1}, std::byte{2}};

digest id_of(std::string_view authorization, const fingerprint_key& with = key) {
  auto const found = identity_of(authorization, with);
  EXPECT_TRUE(found) << authorization;
  return found ? found->owner.id : digest{};
}

TEST(partition, one_credential_is_one_partition_however_it_is_spelt) {
  auto const expected = id_of("Basic YTpiYg==");
  for (std::string_view const spelling : {"basic YTpiYg==", "BASIC YTpiYg==", "Basic  YTpiYg==", "Basic \tYTpiYg== "}) {
    EXPECT_EQ(id_of(spelling), expected) << spelling;
  }
  EXPECT_EQ(id_of("Bearer abc"), id_of("bearer   abc"));
}

TEST(partition, different_credentials_never_share_one) {
  static constexpr std::string_view different[] = {
      "Basic YTpiYg==",   // a:bb
      "Basic YTpiYw==",   // a:bc
      "Basic YWE6Yg==",   // aa:b
      "Basic QTpiYg==",   // A:bb
      "Bearer YTpiYg==",  // the same letters as a token
      "Bearer ytpiyg==",
      "Basic YmFzaWM6YTpiYg==",  // basic:a:bb, the canonical form as a user and password
  };
  std::set<digest> seen;
  for (auto const value : different) EXPECT_TRUE(seen.insert(id_of(value)).second) << value;
}

TEST(partition, fingerprints_mean_nothing_without_the_key) {
  fingerprint_key other = key;
  other[31] = std::byte{9};
  EXPECT_NE(id_of("Bearer abc"), id_of("Bearer abc", other));
}

TEST(partition, no_credential_no_partition) {
  EXPECT_EQ(identity_of("", key).error(), fault::missing_credentials);
  EXPECT_EQ(identity_of("Basic ???", key).error(), fault::unreadable_credentials);
}

TEST(partition, of_an_account_follows_its_name_and_account_sid_but_no_secret) {
  auto const of = [](std::string_view name, std::string_view credential) { return partition_of_account(name, credential, key).id; };
  static constexpr std::string_view first = "AC00000000000000000000000000000001:old";
  static constexpr std::string_view second = "AC00000000000000000000000000000002:old";
  EXPECT_EQ(of("main", first), of("main", "AC00000000000000000000000000000001:new")) << "a new secret keeps the entries";
  EXPECT_EQ(of("main", "SK1:a"), of("main", "SK1:a"));
  EXPECT_NE(of("main", "SK1:a"), of("main", "SK2:b")) << "an API key does not tell its account";
  EXPECT_NE(of("main", "SK1:a"), of("main", "SK1:b"));
  EXPECT_NE(of("main", "a-bearer-token"), of("main", "another-bearer-token"));
  EXPECT_NE(of("main", first), of("main", second)) << "another account in the same file";
  EXPECT_NE(of("main", first), of("other", first));
}

TEST(partition, of_an_oauth_account_follows_its_name_and_client) {
  auto const of = [](std::string_view name, std::string_view client) { return partition_of_oauth_account(name, client, key).id; };
  EXPECT_EQ(of("main", "OQ1"), of("main", "OQ1"));
  EXPECT_NE(of("main", "OQ1"), of("main", "OQ2")) << "another client may be another account's";
  EXPECT_NE(of("main", "OQ1"), of("other", "OQ1"));
}

TEST(partition, kinds_never_meet) {
  std::set<digest> seen{id_of("Basic YTpiYg=="),
                        id_of("Bearer shared"),
                        partition_of_account("a", "a:bb", key).id,
                        partition_of_account("", "", key).id,
                        partition_of_client("a", key).id,
                        partition_of_oauth_account("a", "a:bb", key).id,
                        shared_partition(*account_sid::parse("AC00000000000000000000000000000001"), key).id,
                        shared_partition(*account_sid::parse("AC00000000000000000000000000000002"), key).id};
  EXPECT_EQ(seen.size(), 8u);
}

}  // namespace
}  // namespace gateway::partition_test
