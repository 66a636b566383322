#include "core/base/fixed_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace gateway::fixed_text_test {
namespace {

TEST(fixed_text, keeps_what_fits_and_cuts_the_rest) {
  fixed_text<4> text;
  EXPECT_TRUE(text.empty());
  for (std::string const given : {"", "a", "abcd", "abcde"}) {
    text = given;
    EXPECT_EQ(text.view(), given.substr(0, 4));
    EXPECT_EQ(text, fixed_text<4>{given});
  }
  text = "ab";
  EXPECT_EQ(text, fixed_text<4>{"ab"}) << "what stood there before does not count";
}

static_assert(std::is_trivially_copyable_v<fixed_text<128>>);

}  // namespace
}  // namespace gateway::fixed_text_test
