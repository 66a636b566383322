#include "core/base/request_ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/reply/reply.hpp"

namespace gateway::request_ids_test {
namespace {

TEST(request_ids, are_distinct_plain_and_repeatable_by_seed) {
  request_ids ids{1};
  request_ids same{1};
  request_ids other{2};
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    std::string const id{ids.next()};
    ASSERT_EQ(id.size(), 32u);
    ASSERT_TRUE(is_sane_request_id(id)) << id;
    ASSERT_TRUE(seen.insert(id).second) << id;
    ASSERT_EQ(same.next(), id);
    ASSERT_TRUE(seen.insert(std::string{other.next()}).second);
  }
}

}  // namespace
}  // namespace gateway::request_ids_test
