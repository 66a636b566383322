// Which answers end the waiting of held readers.
#include "core/polling/woken_readers.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gateway::woken_readers_test {
namespace {

TEST(woken_readers, what_each_answer_of_the_upstream_wakes) {
  std::map<verdict_kind, woken_readers> const expected{
      {verdict_kind::found, woken_readers::all},        {verdict_kind::partial, woken_readers::partial},
      {verdict_kind::not_ready, woken_readers::none},   {verdict_kind::absent, woken_readers::none},
      {verdict_kind::permanent, woken_readers::all},    {verdict_kind::refused, woken_readers::all},
      {verdict_kind::throttled, woken_readers::none},   {verdict_kind::rejected, woken_readers::all},
      {verdict_kind::passthrough, woken_readers::none}, {verdict_kind::broken, woken_readers::none}};
  ASSERT_EQ(expected.size(), verdict_kind_count);
  for (auto const& [meaning, wakes] : expected) EXPECT_EQ(woken_by(meaning), wakes) << name_of(meaning);
}

TEST(woken_readers, what_a_stored_answer_wakes) {
  EXPECT_EQ(woken_by(answer_kind::complete), woken_readers::all);
  EXPECT_EQ(woken_by(answer_kind::permanent), woken_readers::all);
  EXPECT_EQ(woken_by(answer_kind::not_ready), woken_readers::none);
  EXPECT_EQ(woken_by(answer_kind::absent), woken_readers::none);
}

}  // namespace
}  // namespace gateway::woken_readers_test
