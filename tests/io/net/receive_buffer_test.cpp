// Compares receive_buffer with the simplest correct model: a string.
#include "io/net/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace gateway::test::receive_buffer_test {
namespace {

constexpr std::size_t first_capacity = 2048;
constexpr std::size_t slack = 1024;

TEST(receive_buffer, owns_nothing_until_something_is_to_be_received) {
  receive_buffer const fresh{16384};
  EXPECT_TRUE(fresh.empty());
  EXPECT_EQ(fresh.view(), "");
}

TEST(receive_buffer, behaves_as_a_string_within_its_bounds) {
  std::mt19937 random{7};
  auto const upto = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>{0, most}(random); };
  for (std::size_t const largest_head : {std::size_t{64}, std::size_t{4096}, std::size_t{5000}, std::size_t{16384}, std::size_t{65536}}) {
    receive_buffer buffer{largest_head};
    std::string model;
    std::size_t const bound = std::max(first_capacity, largest_head + slack);
    char next = 'a';
    for (int step = 0; step < 3000; ++step) {
      // A session stops reading when an incomplete head has reached the largest size.
      if (model.size() < largest_head) {
        auto const room = buffer.prepare();
        ASSERT_GE(room.size(), 1U);
        ASSERT_LE(model.size() + room.size(), bound);
        auto const size = upto(1) == 0 ? upto(room.size()) : upto(std::min<std::size_t>(room.size(), 40));
        for (std::size_t i = 0; i < size; ++i) {
          static_cast<char*>(room.data())[i] = next;
          model += next;
          next = next == 'z' ? 'a' : static_cast<char>(next + 1);
        }
        buffer.commit(size);
      }
      ASSERT_EQ(buffer.view(), model);
      ASSERT_EQ(buffer.empty(), model.empty());
      // Sometimes a head grows for a long time before any of it is parsed.
      bool const hoards = step / 200 % 2 == 1 && model.size() < largest_head;
      auto const most = hoards ? 0 : model.size();
      auto const understood = upto(2) == 0 ? most : upto(std::min<std::size_t>(most, 300));
      buffer.consume(understood);
      model.erase(0, understood);
      ASSERT_EQ(buffer.view(), model);
    }
  }
}

TEST(receive_buffer, a_full_one_makes_room_by_forgetting_what_was_understood) {
  receive_buffer buffer{first_capacity - slack};
  while (buffer.view().size() < first_capacity) {
    auto const room = buffer.prepare();
    std::memset(room.data(), 'x', room.size());
    buffer.commit(room.size());
  }
  buffer.consume(1);
  EXPECT_EQ(buffer.prepare().size(), 1U);
  EXPECT_EQ(buffer.view(), std::string(first_capacity - 1, 'x'));
}

}  // namespace
}  // namespace gateway::test::receive_buffer_test
