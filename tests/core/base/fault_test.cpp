#include "core/base/fault.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace gateway::fault_test {
namespace {

TEST(fault, names_are_distinct_words_fit_for_a_label) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const name = name_of(static_cast<fault>(i));
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_FALSE(name.empty()) << i;
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) << name;
  }
}

// The table lists names by position: one at each edge shows that nothing slipped.
TEST(fault, names_stand_at_their_values) {
  EXPECT_EQ(name_of(fault::malformed_request_line), "malformed_request_line");
  EXPECT_EQ(name_of(fault::unsupported_expectation), "unsupported_expectation");
  EXPECT_EQ(name_of(fault::method_not_allowed), "method_not_allowed");
  EXPECT_EQ(name_of(fault::unreadable_credentials), "unreadable_credentials");
  EXPECT_EQ(name_of(fault::upstream_busy), "upstream_busy");
  EXPECT_EQ(name_of(fault::upstream_timeout), "upstream_timeout");
  EXPECT_EQ(name_of(fault::internal), "internal");
}

TEST(fault, each_has_a_side) {
  struct row {
    fault what;
    side whose;
  };
  static constexpr row rows[] = {
      {fault::malformed_request_line, side::client},
      {fault::ambiguous_framing, side::client},
      {fault::unexpected_body, side::client},
      {fault::duplicate_authorization, side::client},
      {fault::unsupported_expectation, side::client},
      {fault::method_not_allowed, side::client},
      {fault::no_such_route, side::client},
      {fault::missing_credentials, side::client},
      {fault::unreadable_credentials, side::client},
      {fault::not_cached, side::client},
      {fault::upstream_busy, side::ours},
      {fault::upstream_cooling_down, side::ours},
      {fault::upstream_failing, side::ours},
      {fault::call_failing, side::ours},
      {fault::too_many_waiters, side::ours},
      {fault::upstream_unreachable, side::upstream},
      {fault::upstream_timeout, side::upstream},
      {fault::internal, side::ours},
  };
  for (auto const& r : rows) EXPECT_EQ(side_of(r.what), r.whose) << name_of(r.what);
}

}  // namespace
}  // namespace gateway::fault_test
