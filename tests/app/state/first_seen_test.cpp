#include "app/state/first_seen.hpp"

#include <gtest/gtest.h>

namespace gateway::first_seen_test {
namespace {

TEST(first_seen, a_name_is_new_once_in_any_case_of_letters) {
  first_seen names;
  EXPECT_TRUE(names.is_new("X-Other"));
  EXPECT_FALSE(names.is_new("x-OTHER"));
  EXPECT_TRUE(names.is_new("X-Others"));
}

TEST(first_seen, beyond_a_bound_nothing_is_new) {
  first_seen names;
  for (std::size_t i = 0; i < first_seen::most; ++i) EXPECT_TRUE(names.is_new("x-" + std::to_string(i)));
  EXPECT_FALSE(names.is_new("x-further"));
}

}  // namespace
}  // namespace gateway::first_seen_test
