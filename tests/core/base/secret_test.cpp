#include "core/base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace gateway::secret_test {
namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!printable<secret>, "a secret must not find its way into a log");
static_assert(!std::is_convertible_v<secret, std::string_view> && !std::is_convertible_v<secret, std::string>);
static_assert(!std::is_convertible_v<std::string_view, secret>);

// Long strings use the heap, and short ones are inside the string object.
constexpr std::string_view lengths[] = {"short", "long enough that no string keeps it within itself, surely"};

TEST(secret, reveals_what_it_was_given) {
  for (auto const text : lengths) {
    secret const s{text};
    EXPECT_EQ(s.reveal(), text);
    EXPECT_FALSE(s.empty());
  }
  EXPECT_TRUE(secret{}.empty());
}

TEST(secret, copies_and_moves_as_a_value_and_leaves_nothing_behind) {
  for (auto const text : lengths) {
    secret first{text};
    secret second{first};
    EXPECT_EQ(first.reveal(), second.reveal());
    secret third{std::move(first)};
    EXPECT_EQ(third.reveal(), text);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): emptiness is the promise
    secret fourth{"other"};
    fourth = std::move(third);
    EXPECT_EQ(fourth.reveal(), text);
    EXPECT_TRUE(third.empty());  // NOLINT(bugprone-use-after-move)
    auto& same = fourth;
    fourth = same;
    EXPECT_EQ(fourth.reveal(), text);
    fourth = std::move(same);
    EXPECT_EQ(fourth.reveal(), text);
  }
}

// Moving a short string copies its bytes, so the old ones must be wiped.
TEST(secret, what_was_moved_away_is_wiped_where_it_was) {
  secret from{lengths[0]};
  auto const* const bytes = from.reveal().data();
  secret const to{std::move(from)};
  ASSERT_NE(to.reveal().data(), bytes);
  EXPECT_TRUE(std::all_of(bytes, bytes + lengths[0].size(), [](char c) { return c == '\0'; }));
}

TEST(secret, a_shorter_value_leaves_no_tail_of_the_longer_one) {
  for (auto const text : lengths) {
    secret s{text};
    auto const* const bytes = s.reveal().data();
    s.assign("x");
    ASSERT_EQ(s.reveal().data(), bytes) << "the buffer was expected to be kept";
    EXPECT_TRUE(std::all_of(bytes + 1, bytes + text.size(), [](char c) { return c == '\0'; }));
  }
}

TEST(secret, compares_by_bytes) {
  secret const s{"AC1:token"};
  EXPECT_TRUE(s.same_as("AC1:token"));
  EXPECT_FALSE(s.same_as("AC1:Token"));
  EXPECT_FALSE(s.same_as("AC1:toke"));
  EXPECT_FALSE(s.same_as("AC1:token "));
  EXPECT_FALSE(s.same_as(""));
  EXPECT_TRUE(secret{}.same_as(""));
  for (std::size_t size = 1; size <= 33; ++size) {
    std::string const text(size, 'x');
    EXPECT_TRUE(secret{text}.same_as(text));
    for (std::size_t at = 0; at < size; ++at) {
      auto other = text;
      other[at] = 'y';
      EXPECT_FALSE(secret{text}.same_as(other)) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace gateway::secret_test
