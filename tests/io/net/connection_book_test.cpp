// Places for connections: in all, and per address.
#include "io/net/connection_book.hpp"

#include <gtest/gtest.h>

namespace gateway::test::connection_book_test {
namespace {

address_group from(std::uint8_t last) { return group_of_ipv4({192, 0, 2, last}); }

TEST(connection_book, so_many_in_all) {
  connection_book book{2, 0, {}};
  EXPECT_FALSE(book.is_full());
  EXPECT_TRUE(book.enter());
  EXPECT_TRUE(book.enter());
  EXPECT_TRUE(book.is_full());
  EXPECT_FALSE(book.enter());
  EXPECT_FALSE(book.enter()) << "who was refused takes no place";
  book.leave();
  EXPECT_TRUE(book.enter());
}

TEST(connection_book, a_lower_limit_counts_for_those_who_come) {
  connection_book book{3, 0, {}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(book.enter());
  book.set_limit(2);
  book.leave();
  EXPECT_FALSE(book.enter());
  book.leave();
  EXPECT_TRUE(book.enter());
}

TEST(connection_book, so_many_of_each_address) {
  connection_book book{100, 2, {}};
  for (std::uint8_t const address : {1, 2}) {
    EXPECT_TRUE(book.enter(from(address)));
    EXPECT_TRUE(book.enter(from(address)));
    EXPECT_FALSE(book.enter(from(address)));
  }
  book.leave(from(1));
  EXPECT_FALSE(book.enter(from(2)));
  EXPECT_TRUE(book.enter(from(1)));
}

TEST(connection_book, without_a_bound_an_address_may_have_all) {
  connection_book book{1, 0, {}};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(book.enter(from(1)));
  book.leave(from(1));
}

}  // namespace
}  // namespace gateway::test::connection_book_test
