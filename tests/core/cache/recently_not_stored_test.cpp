#include "core/cache/recently_not_stored.hpp"

#include <gtest/gtest.h>

#include "cache/entries.hpp"

namespace gateway::recently_not_stored_test {
namespace {

using namespace std::chrono_literals;

TEST(why_not_stored, remembers_the_last_reason_for_each_credential) {
  recently_not_stored table;
  EXPECT_TRUE(table.about(call_number(1)).empty());
  table.note(key_number(1, 1), not_stored::partial, at(1s));
  table.note(key_number(1, 2), not_stored::never, at(2s));
  table.note(key_number(2, 1), not_stored::too_large, at(3s));
  table.note(key_number(1, 1), not_stored::overtaken, at(4s));
  auto const noted = table.about(call_number(1));
  ASSERT_EQ(noted.size(), 2u);
  for (auto const& one : noted) {
    bool const first = one.key.owner == key_number(1, 1).owner;
    EXPECT_EQ(one.reason, first ? not_stored::overtaken : not_stored::never);
    EXPECT_EQ(one.at, first ? at(4s) : at(2s));
  }
}

TEST(why_not_stored, forgets_by_overwriting_and_never_grows) {
  recently_not_stored table;
  for (unsigned call = 0; call < 100'000; ++call) table.note(key_number(call), not_stored::partial, at(0s));
  std::size_t left = 0;
  for (unsigned call = 0; call < 100'000; call += 100) left += table.about(call_number(call)).size();
  EXPECT_LT(left, 100u);
  EXPECT_EQ(table.about(call_number(99'999)).size(), 1u) << "the last one is there";
}

}  // namespace
}  // namespace gateway::recently_not_stored_test
