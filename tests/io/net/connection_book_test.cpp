// Places for connections: in all, and per address.
#include "io/net/connection_book.hpp"

#include <gtest/gtest.h>

namespace gateway::test {
namespace {

client from(std::uint8_t last) {
  client who;
  who.address = group_of_ipv4({192, 0, 2, last});
  return who;
}

TEST(connection_book, so_many_in_all) {
  connection_book book{2, 0, {}};
  EXPECT_FALSE(book.is_full());
  EXPECT_EQ(book.enter(from(1)), std::nullopt);
  EXPECT_EQ(book.enter(from(1)), std::nullopt);
  EXPECT_TRUE(book.is_full());
  EXPECT_EQ(book.enter(from(2)), connection_refusal::total);
  EXPECT_EQ(book.enter(from(2), 1), std::nullopt) << "somebody is about to leave";
  EXPECT_EQ(book.enter(from(2), 1), connection_refusal::total);
  book.leave(from(1));
  book.leave(from(1));
  EXPECT_EQ(book.enter(from(2)), std::nullopt);
}

TEST(connection_book, so_many_of_each_address) {
  connection_book book{100, 2, {}};
  for (std::uint8_t const address : {1, 2}) {
    EXPECT_EQ(book.enter(from(address)), std::nullopt);
    EXPECT_EQ(book.enter(from(address)), std::nullopt);
    EXPECT_EQ(book.enter(from(address)), connection_refusal::address);
  }
  book.leave(from(1));
  EXPECT_EQ(book.enter(from(2)), connection_refusal::address);
  EXPECT_EQ(book.enter(from(1)), std::nullopt);
}

TEST(connection_book, who_is_refused_for_the_address_takes_no_place) {
  connection_book book{2, 1, {}};
  EXPECT_EQ(book.enter(from(1)), std::nullopt);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(book.enter(from(1)), connection_refusal::address);
  EXPECT_EQ(book.enter(from(2)), std::nullopt);
}

TEST(connection_book, unix_sockets_have_no_address) {
  connection_book book{3, 1, {}};
  client local;
  local.user = 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(book.enter(local), std::nullopt);
  EXPECT_EQ(book.enter(local), connection_refusal::total);
  for (int i = 0; i < 3; ++i) book.leave(local);
  EXPECT_FALSE(book.is_full());
}

}  // namespace
}  // namespace gateway::test
