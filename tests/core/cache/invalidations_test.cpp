#include "core/cache/invalidations.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "cache/entries.hpp"

namespace gateway::invalidations_test {
namespace {

using namespace std::chrono_literals;

TEST(entry_invalidations, are_about_what_was_asked_before) {
  auto const invalidations = std::make_unique<entry_invalidations>();
  EXPECT_FALSE(invalidations->covers(key_number(1), at(0s)));
  invalidations->note(key_number(1), at(5s));
  EXPECT_TRUE(invalidations->covers(key_number(1), at(5s - 1ns)));
  EXPECT_FALSE(invalidations->covers(key_number(1), at(5s)));
  invalidations->note(key_number(1), at(3s));
  EXPECT_TRUE(invalidations->covers(key_number(1), at(4s))) << "the latest counts, in whatever order they come";
}

TEST(entry_invalidations, are_about_one_entry_and_few_others) {
  auto const invalidations = std::make_unique<entry_invalidations>();
  invalidations->note(key_number(1, 1), at(5s));
  EXPECT_FALSE(invalidations->covers(key_number(1, 2), at(0s))) << "another credential's";
  for (unsigned call = 2; call < 100; ++call) invalidations->note(key_number(call), at(5s));
  int disturbed = 0;
  for (unsigned call = 100; call < 10'100; ++call) disturbed += invalidations->covers(key_number(call), at(0s)) ? 1 : 0;
  EXPECT_LT(disturbed, 250) << "one in 82 is to be expected";
}

}  // namespace
}  // namespace gateway::invalidations_test
