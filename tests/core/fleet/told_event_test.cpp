#include "core/fleet/told_event.hpp"

#include <gtest/gtest.h>

namespace gateway::told_event_test {
namespace {

const auto call = *call_sid::parse("CA0000000000000000000000000000000a");
const auto account = *account_sid::parse("AC00000000000000000000000000000001");

TEST(told_event, is_read_as_it_was_told) {
  for (auto const kind : {event_kind::partial, event_kind::predicted_complete, event_kind::complete}) {
    for (bool const has_account : {false, true}) {
      told_event one{0xfedcba9876543210, {kind, call, {}, *parse_rfc3339("2026-06-10T06:02:54.377Z")}};
      if (has_account) one.what.account = account;
      auto const read = parse_told_event(text_of(one));
      ASSERT_TRUE(read) << text_of(one);
      EXPECT_EQ(read->number, one.number);
      EXPECT_EQ(read->what.kind, kind);
      EXPECT_EQ(read->what.call, call);
      EXPECT_EQ(read->what.account, one.what.account);
      EXPECT_EQ(read->what.time, one.what.time);
    }
  }
}

TEST(told_event, what_is_cut_or_longer_is_none) {
  auto const text = text_of({1, {event_kind::complete, call, account, *parse_rfc3339("2026-06-10T06:02:54Z")}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_told_event(text.substr(0, size))) << text.substr(0, size);
  }
  EXPECT_FALSE(parse_told_event(text + " "));
  EXPECT_FALSE(parse_told_event(text + " 1"));
  std::string other = text;
  other.replace(text.find(" 2 "), 3, " 3 ");
  EXPECT_FALSE(parse_told_event(other)) << "an unknown kind";
}

}  // namespace
}  // namespace gateway::told_event_test
