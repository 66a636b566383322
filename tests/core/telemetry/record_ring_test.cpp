#include "core/telemetry/record_ring.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gateway::record_ring_test {
namespace {

struct odd_sized {
  std::uint64_t number = 0;
  char letters[13]{};
  bool operator==(const odd_sized&) const = default;
};

using ring = record_ring<odd_sized, 4>;

odd_sized numbered(std::uint64_t number) {
  odd_sized one;
  one.number = number;
  for (char& letter : one.letters) letter = static_cast<char>('a' + number % 26);
  return one;
}

std::vector<std::uint64_t> numbers_in(const ring& from) {
  std::vector<std::uint64_t> all;
  from.read([&](const odd_sized& one) {
    EXPECT_EQ(one, numbered(one.number)) << "every byte";
    all.push_back(one.number);
  });
  std::ranges::sort(all);
  return all;
}

TEST(record_ring, remembers_the_last_few) {
  auto const made = std::make_unique<ring>();
  EXPECT_TRUE(numbers_in(*made).empty());
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 11; ++i) {
    made->put(numbered(i));
    expected.push_back(i);
    if (expected.size() > 4) expected.erase(expected.begin());
    EXPECT_EQ(numbers_in(*made), expected);
    EXPECT_EQ(numbers_in(*made), expected) << "looking takes nothing away";
  }
}

}  // namespace
}  // namespace gateway::record_ring_test
