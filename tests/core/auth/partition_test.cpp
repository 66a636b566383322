#include "core/auth/partition.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace gateway {
namespace {

constexpr fingerprint_key key{std::byte{1}, std::byte{2}};

digest id_of(std::string_view authorization, const fingerprint_key& with = key) {
  auto const found = partition_of(authorization, with);
  EXPECT_TRUE(found) << authorization;
  return found ? found->id : digest{};
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
  EXPECT_EQ(partition_of("", key).error(), fault::missing_credentials);
  EXPECT_EQ(partition_of("Basic ???", key).error(), fault::unreadable_credentials);
}

TEST(partition_memo, says_what_partition_of_says_in_any_order) {
  static constexpr std::string_view values[] = {"Basic YTpiYg==", "Bearer abc", "", "Bearer abd", "Basic ???", "basic YTpiYg=="};
  partition_memo memo;
  for (std::size_t i = 0; i < 500; ++i) {
    auto const value = values[i * i * 7 % std::size(values)];
    auto const remembered = memo.find(value, key);
    auto const fresh = partition_of(value, key);
    ASSERT_EQ(remembered.has_value(), fresh.has_value()) << value;
    if (fresh) {
      EXPECT_EQ(*remembered, *fresh) << value;
    } else {
      EXPECT_EQ(remembered.error(), fresh.error()) << value;
    }
  }
}

TEST(partition_memo, a_refused_value_leaves_no_partition_behind) {
  partition_memo memo;
  EXPECT_FALSE(memo.find("", key));
  EXPECT_FALSE(memo.find("", key));
  ASSERT_TRUE(memo.find("Bearer abc", key));
  EXPECT_FALSE(memo.find("", key));
  EXPECT_FALSE(memo.find("Bearer", key));
}

}  // namespace
}  // namespace gateway
