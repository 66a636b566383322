// The settings shadow.*, and the policies that they make.
#include <gtest/gtest.h>

#include "core/shadow/shadow_policy.hpp"
#include "settings_words.hpp"

namespace gateway::shadow_settings_test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

TEST(shadow_settings, off_by_default) {
  auto const none = load_settings("");
  EXPECT_FALSE(none.values.shadow.is_on());
  EXPECT_TRUE(shadow_policies(none.values).empty());
}

TEST(shadow_settings, each_policy_differs_from_the_present_one_in_one_setting) {
  auto const read = load_settings(
      "cache: { max_bytes: 64MiB, fresh_for: 10m, max_entry_bytes: 8KiB }\n"
      "shadow: { max_bytes: [512MiB, 128MiB, 1GiB], fresh_for: [4h, 30m], sharing: grants }");
  ASSERT_TRUE(read.problems.empty());
  auto const all = shadow_policies(read.values);
  ASSERT_EQ(all.size(), 7u);
  struct row {
    shadow_axis differs;
    std::uint64_t mib_;
    std::chrono::minutes fresh_for;
    shadow_place place;
  };
  using enum shadow_axis;
  row const expected[] = {
      {present, 64, 10min, shadow_place::as_is},    {max_bytes, 128, 10min, shadow_place::as_is},
      {max_bytes, 512, 10min, shadow_place::as_is}, {max_bytes, 1024, 10min, shadow_place::as_is},
      {fresh_for, 64, 30min, shadow_place::as_is},  {fresh_for, 64, 4h, shadow_place::as_is},
      {sharing, 64, 10min, shadow_place::granted},
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].differs, expected[i].differs) << i;
    EXPECT_EQ(all[i].max_bytes, expected[i].mib_ * mib) << i;
    EXPECT_EQ(all[i].freshness.fresh_for, expected[i].fresh_for) << i;
    EXPECT_EQ(all[i].place, expected[i].place) << i;
    EXPECT_EQ(all[i].max_entry_bytes, 8u * 1024) << i;
  }
  EXPECT_EQ(all.back().sharing, sharing_mode::grants);
}

TEST(shadow_settings, the_other_way_round) {
  auto const read = load_settings("credentials: { sharing: grants, grant_ttl: 2m }\nshadow: { sharing: partition }");
  ASSERT_TRUE(read.problems.empty());
  auto const all = shadow_policies(read.values);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].sharing, sharing_mode::grants);
  EXPECT_EQ(all[0].grant_ttl, 2min);
  EXPECT_EQ(all[1].sharing, sharing_mode::partition);
  EXPECT_EQ(all[1].place, shadow_place::own);
}

TEST(shadow_settings, what_is_wrong_is_said) {
  EXPECT_EQ(problems_of("shadow: { max_bytes: 128MiB }"), "1 shadow.max_bytes: must be a list such as [128MiB, 1GiB]\n");
  EXPECT_EQ(problems_of("shadow: { max_bytes: [128MB, 10] }"),
            "1 shadow.max_bytes: must be a size with a unit such as 512B, 16KiB or 256MiB, not '10'\n");
  EXPECT_EQ(problems_of("shadow: { max_bytes: [1KiB] }"), "1 shadow.max_bytes: must be from 1MiB to 1024GiB, not '1KiB'\n");
  EXPECT_EQ(problems_of("shadow: { max_bytes: [1MiB, 2MiB, 3MiB, 4MiB, 5MiB, 6MiB, 7MiB] }"),
            "1 shadow.max_bytes: must hold no more than 6 values\n");
  EXPECT_EQ(problems_of("shadow: { fresh_for: [1h, 30m, 60m] }"), "1 shadow.fresh_for: must not hold the same value twice\n");
  EXPECT_EQ(problems_of("shadow: { fresh_for: [1000h] }"), "1 shadow.fresh_for: must be from 0s to 30d, not '1000h'\n");
  EXPECT_EQ(problems_of("shadow: { sharing: partition }"),
            "1 shadow.sharing: must differ from credentials.sharing, which is estimated anyway\n");
  EXPECT_EQ(problems_of("shadow: { sharing: all }"), "1 shadow.sharing: must be one of as_is, partition, grants, not 'all'\n");
}

TEST(shadow_settings, in_mode_inject_accounts_share_anyway) {
  EXPECT_NE(
      problems_of(
          "credentials: { mode: inject, accounts: [{ name: a, credential_file: f }], clients: [{ name: c, account: a, token_file: t }] }\n"
          "shadow: { sharing: grants }")
          .find("2 shadow.sharing: is for credentials.mode forward"),
      std::string::npos);
}

}  // namespace
}  // namespace gateway::shadow_settings_test
