#include "core/request/request_cache_control.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gateway::request_cache_control_test {
namespace {

using namespace std::chrono_literals;

struct fields {
  std::vector<std::string_view> cache_control;
  std::vector<std::string_view> pragma;
};

request_cache_control control_of(const fields& sent) {
  request_cache_control cache_control;
  for (auto const line : sent.pragma) cache_control.add_pragma(line);
  for (auto const line : sent.cache_control) cache_control.add_cache_control(line);
  return cache_control;
}

// Applied to an answer that is 10 s old and fresh for another 50 s.
TEST(request_cache_control, who_wants_what_the_upstream_says_now) {
  struct row {
    fields sent;
    bool newer;
  };
  const row rows[] = {
      {{{}, {}}, false},
      {{{"no-cache"}, {}}, true},
      {{{"No-Cache"}, {}}, true},
      {{{"x, no-cache"}, {}}, true},
      {{{"x", "no-cache"}, {}}, true},
      {{{"max-age=0"}, {}}, true},
      {{{"max-age=9"}, {}}, true},
      {{{"max-age=10"}, {}}, false},
      {{{"max-age=3600"}, {}}, false},
      {{{"max-age=3600, max-age=1"}, {}}, true},
      {{{"max-age=99999999999999999999"}, {}}, false},
      {{{"max-age=soon"}, {}}, false},
      {{{"max-age"}, {}}, false},
      {{{"min-fresh=51"}, {}}, true},
      {{{"min-fresh=50"}, {}}, false},
      {{{"max-stale=5"}, {}}, false},
      {{{"no-store"}, {}}, false},
      {{{"only-if-cached"}, {}}, false},
      {{{"no-cachet"}, {}}, false},
      {{{"x=\"no-cache, no-cache\""}, {}}, false},
      {{{}, {"no-cache"}}, true},
      {{{}, {"x, No-Cache"}}, true},
      {{{}, {"no-store"}}, false},
      {{{"max-age=3600"}, {"no-cache"}}, false},  // RFC 9111 §5.4: Pragma counts only where there is no Cache-Control
      {{{""}, {"no-cache"}}, false},
  };
  for (auto const& r : rows) EXPECT_EQ(control_of(r.sent).wants_newer(10s, 50s), r.newer) << &r - rows;
}

TEST(request_cache_control, an_answer_of_this_very_second_is_too_old_only_for_max_age_0) {
  EXPECT_TRUE(control_of({{"max-age=0"}, {}}).wants_newer(0s, 60s));
  EXPECT_FALSE(control_of({{"max-age=1"}, {}}).wants_newer(0s, 60s));
}

TEST(request_cache_control, no_store_and_only_if_cached) {
  EXPECT_FALSE(control_of({}).no_store());
  EXPECT_FALSE(control_of({}).only_if_cached());
  EXPECT_TRUE(control_of({{"no-store"}, {}}).no_store());
  EXPECT_TRUE(control_of({{"max-age=3, Only-If-Cached"}, {}}).only_if_cached());
  EXPECT_FALSE(control_of({{}, {"no-store, only-if-cached"}}).no_store());
}

}  // namespace
}  // namespace gateway::request_cache_control_test
