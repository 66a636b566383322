// The calls name every key that their script touches, under one hash tag, and nothing readable. What the scripts do is tested with a real
// engine (tests/scenario/test_fleet_scripts.py).
#include "core/fleet/tier_scripts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gateway::test::tier_scripts_test {
namespace {

using testing::ElementsAre;

tier_question const asked{"ca11", {"0a", "5e"}, "absent"};
engine_keys const keys{"sg"};

TEST(tier_scripts, a_claim_names_its_keys_and_terms) {
  claim_terms terms;
  terms.replica = "feed";
  terms.token = "70c";
  terms.lease = std::chrono::seconds{16};
  terms.unusable = "bad";
  terms.waited_for = "be4";
  auto const call = claim_call(keys, asked, terms);
  EXPECT_THAT(call.keys, ElementsAre("{sg}:c:ca11", "{sg}:v", "{sg}:r"));
  EXPECT_THAT(call.values, ElementsAre("share", "absent", "feed", "70c", "16000", "bad", "be4", "0a", "5e"));
  terms.mode = claim_mode::lead;
  EXPECT_EQ(claim_call(keys, asked, terms).values.front(), "lead");
  terms.mode = claim_mode::single;
  EXPECT_EQ(claim_call(keys, asked, terms).values.front(), "single");
}

TEST(tier_scripts, a_settlement_names_what_goes_and_what_stays) {
  tier_settlement what;
  what.version = 12;
  what.withdrawn = {"0a"};
  what.values = {{summary_field("0a"), std::chrono::milliseconds{1500}, "sealed"}};
  auto const call = settle_call(keys, asked, "70c", what);
  EXPECT_THAT(call.keys, ElementsAre("{sg}:c:ca11", "{sg}:f"));
  EXPECT_THAT(call.values,
              ElementsAre("0a", "absent", "70c", "{sg}:feed", "call ca11 absent 0a", "12", "1", "0a", "b:0a", "1500", "sealed"));
  EXPECT_EQ(refusal_field("0a", "all"), "n:0a:all");
}

// Replicas of different versions run different texts on the same hash: the first line tells them apart.
TEST(tier_scripts, have_a_version) {
  EXPECT_TRUE(claim_call(keys, asked, {}).script->source().starts_with("-- tier claim 1\n"));
  EXPECT_TRUE(settle_call(keys, asked, "", {}).script->source().starts_with("-- tier settle 2\n"));
}

}  // namespace
}  // namespace gateway::test::tier_scripts_test
