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

std::size_t longest_sentence(std::string_view text) {
  std::size_t most = 0;
  std::size_t words = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const ends = text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ');
    if (text[i] == ' ') ++words;
    if (!ends) continue;
    most = std::max(most, words);
    words = 0;
  }
  return most;
}

TEST(fault, each_row_is_complete_and_in_its_place) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const& row = row_of(static_cast<fault>(i));
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.what, static_cast<fault>(i));
    EXPECT_GE(row.status, 400);
    EXPECT_LT(row.status, 600);
    EXPECT_GT(row.code, 0);
    EXPECT_TRUE(row.message.ends_with('.')) << row.message;
    EXPECT_TRUE(row.advice.empty() || row.advice.ends_with('.')) << row.advice;
    for (auto const text : {row.message, row.advice}) {
      EXPECT_LE(longest_sentence(text), 25u) << text;
      EXPECT_EQ(text.find_first_of("\"\\\r\n"), std::string_view::npos) << "needs no escape in JSON: " << text;
    }
  }
}

TEST(fault, only_what_cannot_be_read_safely_closes_its_connection) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const what = static_cast<fault>(i);
    EXPECT_EQ(ends_connection(what), what < fault::method_not_allowed) << name_of(what);
  }
}

TEST(fault, a_refusal_for_now_protects_this_gateway_or_the_upstream) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    auto const what = static_cast<fault>(i);
    EXPECT_EQ(is_shed(what), what >= fault::client_limit && what <= fault::too_many_waiters) << name_of(what);
  }
}

TEST(fault, names_are_at_the_index_of_their_values) {
  EXPECT_EQ(name_of(fault::malformed_request_line), "malformed_request_line");
  EXPECT_EQ(name_of(fault::upstream_busy), "upstream_busy");
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
      {fault::upstream_paused, side::ours},
      {fault::call_failing, side::ours},
      {fault::too_many_waiters, side::ours},
      {fault::upstream_unreachable, side::upstream},
      {fault::egress_refused, side::upstream},
      {fault::upstream_timeout, side::upstream},
      {fault::internal, side::ours},
  };
  for (auto const& r : rows) EXPECT_EQ(side_of(r.what), r.whose) << name_of(r.what);
}

TEST(fault, is_found_by_its_name) {
  for (std::size_t i = 0; i < fault_count; ++i) EXPECT_EQ(fault_named(name_of(static_cast<fault>(i))), static_cast<fault>(i));
  EXPECT_FALSE(fault_named(""));
  EXPECT_FALSE(fault_named("Internal"));
}

}  // namespace
}  // namespace gateway::fault_test
