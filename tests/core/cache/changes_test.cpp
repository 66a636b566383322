#include "core/cache/changes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "cache/entries.hpp"

namespace gateway::changes_test {
namespace {

std::uint64_t bits_of(unsigned call, const short_hash_key& key = {}) { return cache_key::call_bits(call_number(call), key); }

TEST(call_changes, a_change_is_seen_of_its_call_whoever_has_it) {
  auto const changes = std::make_unique<call_changes>();
  for (unsigned call = 0; call < 1000; ++call) {
    auto const before = changes->of(bits_of(call));
    changes->note(bits_of(call));
    for (unsigned owner = 0; owner < 3; ++owner) EXPECT_NE(changes->of(key_number(call, owner).call_bits()), before);
  }
}

TEST(call_changes, a_change_is_seen_of_few_others) {
  auto const changes = std::make_unique<call_changes>();
  for (unsigned call = 0; call < 100; ++call) changes->note(bits_of(call));
  int disturbed = 0;
  for (unsigned call = 100; call < 10'100; ++call) disturbed += changes->of(bits_of(call)) != 0 ? 1 : 0;
  EXPECT_LT(disturbed, 200) << "one in 160 is to be expected";
}

// A client that knows the places of one gateway does not know those of another.
TEST(call_changes, nobody_outside_can_choose_places) {
  short_hash_key other{};
  other[0] = std::byte{1};
  auto const changes = std::make_unique<call_changes>();
  std::vector<unsigned> sharing;
  for (unsigned call = 1; sharing.size() < 20; ++call) {
    if (bits_of(call) >> 50 == bits_of(0) >> 50) sharing.push_back(call);
  }
  changes->note(bits_of(0, other));
  int disturbed = 0;
  for (auto const call : sharing) disturbed += changes->of(bits_of(call, other)) != 0 ? 1 : 0;
  EXPECT_LT(disturbed, 3);
}

}  // namespace
}  // namespace gateway::changes_test
