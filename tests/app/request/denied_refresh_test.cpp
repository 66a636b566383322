// A refresh asks only if there is room at once. A request that has joined it must not be shed with it, but may wait for a permit.
#include <gtest/gtest.h>

#include "request/fetching.hpp"
#include "request/scripted_upstream.hpp"

namespace gateway::test::denied_refresh_test {
namespace {

using namespace std::chrono_literals;

struct denied_refresh : fetching {
  denied_refresh() : fetching(with_one_permit()) {}

  static settings with_one_permit() {
    settings made;
    made.upstream.max_in_flight = 1;
    return made;
  }
  static task<void> take(upstream_permits& from, upstream_permits::request wanted, upstream_permits::admitted& result) {
    auto made = co_await from.acquire(std::move(wanted), fair_queue::position::last);
    result = std::move(made);
  }

  scripted_upstream upstream{at.get_executor(), world};
  fetch_runner fetches{at, upstream, at.config.upstream, parts.fetching};
  cache_key const key{partition{}, *call_sid::parse(tenants::sid("CA", 0)), short_hash_key{}};
};

TEST_F(denied_refresh, ends_as_if_no_request_had_waited_for_it) {
  auto const busy = shared.permits.apply(at.get_executor(), who, mono_now() + 10s, 1s);
  upstream_permits::admitted taken;
  at.start_task("take", take(shared.permits, busy, taken));
  run();
  ASSERT_TRUE(taken.granted);
  auto refresh = fetches.join_refresh(key, who, mono_now());
  auto reader = fetches.join(key, processing_state::absent, true, who, mono_now() + 10s);
  ASSERT_TRUE(refresh.lead && !reader.lead) << "the reader waits for the refresh";
  fetch_result_ptr result;
  at.start_task("wait", wait(reader.joined, at.get_executor(), result));
  fetches.run(std::move(*refresh.lead), {key, processing_state::absent, asking(), who, fetch_purpose::refresh});
  run();
  ASSERT_TRUE(result);
  EXPECT_EQ(upstream.requests, 0U);
  EXPECT_TRUE(result->is_end_of_others()) << "so the reader makes a fetch of its own, which may wait for a permit";
}

}  // namespace
}  // namespace gateway::test::denied_refresh_test
