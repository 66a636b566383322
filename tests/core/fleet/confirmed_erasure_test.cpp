#include "core/fleet/confirmed_erasure.hpp"

#include <gtest/gtest.h>

namespace gateway::confirmed_erasure_test {
namespace {

TEST(confirmed_erasure, is_read_back_and_nothing_else_is) {
  confirmed_erasure const one{digest{std::byte{7}}, "0123456789abcdef", 3};
  auto const text = one.text();
  EXPECT_EQ(confirmed_erasure::parse(text), one);
  for (auto const& bad : {std::string{}, text.substr(0, 24), text.substr(0, 10), text + "-", text + std::string(64, 'a')})
    EXPECT_FALSE(confirmed_erasure::parse(bad)) << bad.size();
}

}  // namespace
}  // namespace gateway::confirmed_erasure_test
