#include "core/auth/refusals.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace gateway {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

partition credential(unsigned number) {
  partition who;
  who.id[0] = static_cast<std::byte>(number);
  who.id[1] = static_cast<std::byte>(number >> 8);
  return who;
}

TEST(refusals, what_was_proved_before_one_counts_no_more_and_what_comes_after_does) {
  auto const table = std::make_unique<refusals>();
  EXPECT_FALSE(table->since(credential(1), at(-1000h)));
  table->note(credential(1), at(5s));
  EXPECT_TRUE(table->since(credential(1), at(4s)));
  EXPECT_TRUE(table->since(credential(1), at(5s))) << "at the same moment: the refusal wins";
  EXPECT_FALSE(table->since(credential(1), at(6s)));
  EXPECT_FALSE(table->since(credential(2), at(4s))) << "another credential";
}

TEST(refusals, the_latest_counts_in_whatever_order_they_are_noted) {
  auto const table = std::make_unique<refusals>();
  table->note(credential(1), at(9s));
  table->note(credential(1), at(5s));
  EXPECT_TRUE(table->since(credential(1), at(9s)));
}

TEST(refusals, inventing_credentials_never_gives_a_right_back) {
  auto const table = std::make_unique<refusals>();
  table->note(credential(7), at(5s));
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    partition invented;
    for (auto& byte : invented.id) byte = static_cast<std::byte>(random());
    table->note(invented, at(std::chrono::milliseconds{random() % 10'000}));
  }
  EXPECT_TRUE(table->since(credential(7), at(5s)));
}

}  // namespace
}  // namespace gateway
