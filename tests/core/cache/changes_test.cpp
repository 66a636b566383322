#include "core/cache/changes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

namespace gateway {
namespace {

call_sid any_call(std::mt19937_64& random) {
  std::string text = "CA";
  while (text.size() < call_sid::length) text += "0123456789abcdef"[random() % 16];
  return *call_sid::parse(text);
}

TEST(call_changes, a_change_is_seen_of_its_call) {
  auto const changes = std::make_unique<call_changes>();
  std::mt19937_64 random{1};
  for (int i = 0; i < 1000; ++i) {
    auto const call = any_call(random);
    auto const before = changes->of(call);
    changes->note(call);
    EXPECT_NE(changes->of(call), before);
  }
}

TEST(call_changes, a_change_is_seen_of_few_others) {
  auto const changes = std::make_unique<call_changes>();
  std::mt19937_64 random{2};
  for (int i = 0; i < 100; ++i) changes->note(any_call(random));
  int disturbed = 0;
  for (int i = 0; i < 10'000; ++i) disturbed += changes->of(any_call(random)) != 0 ? 1 : 0;
  EXPECT_LT(disturbed, 200) << "one in 160 is to be expected";
}

// Calls that differ in one digit only, as a system that counts its own would have them.
TEST(call_changes, neighbours_have_places_of_their_own) {
  auto const changes = std::make_unique<call_changes>();
  std::string const text = "CA" + std::string(32, '0');
  changes->note(*call_sid::parse(text));
  for (std::size_t at = 2; at < text.size(); ++at) {
    for (char const digit : {'1', '7', 'f'}) {
      auto other = text;
      other[at] = digit;
      EXPECT_EQ(changes->of(*call_sid::parse(other)), 0U) << other;
    }
  }
}

}  // namespace
}  // namespace gateway
