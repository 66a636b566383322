// The answer of /api/shadow.
#include "core/shadow/shadow_report.hpp"

#include <gtest/gtest.h>

#include "shadow/played_gateway.hpp"

namespace gateway::shadow_test {
namespace {

using namespace std::chrono_literals;

TEST(shadow_report, says_what_is_real_and_what_is_estimated) {
  EXPECT_EQ(shadow_json(nullptr, {}, {}), R"({"policies":[]})");
  auto other = policy_of(1 << 20);
  other.differs = shadow_axis::max_bytes;
  shadow_sample shadow{{policy_of(4 << 20), other}, at({})};
  sighting seen;
  seen.call = 3;
  seen.owner = seen.place = 1;
  seen.answer.gone_at = at(1h);
  shadow.take(seen);
  seen.is = sighting::event::stored;
  shadow.take(seen);
  seen.is = sighting::event::missed;
  shadow.take(seen);
  shadow.take(seen);
  EXPECT_EQ(shadow_json(&shadow, {4, 1, 3, 0, 2}, wall_epoch),
            R"({"since":"2026-03-31T00:00:00.000Z","sample_rate":1.0000,"sampled_calls":1,"requests":4,"lost":2,"policies":[)"
            R"({"policy":"real","max_bytes":"4MiB","fresh_for":"1h","sharing":"partition","hit_ratio":0.2500,"upstream_calls":3},)"
            R"({"policy":"present","max_bytes":"4MiB","fresh_for":"1h","sharing":"partition","hit_ratio":0.6667,"upstream_calls":1},)"
            R"({"policy":"max_bytes","max_bytes":"1MiB","fresh_for":"1h","sharing":"partition","hit_ratio":0.6667,"upstream_calls":1}]})");
  EXPECT_NE(shadow_json(&shadow, {16, 14, 3, 12, 2}, wall_epoch)
                .find(R"("max_bytes":"1MiB","fresh_for":"1h","sharing":"partition","hit_ratio":0.9333)"),
            std::string::npos)
      << "2 of 3, and 12 of 12 that were not shown";
  EXPECT_NE(shadow_json(&shadow, {}, wall_epoch)
                .find(R"("policy":"real","max_bytes":"4MiB","fresh_for":"1h","sharing":"partition","hit_ratio":0.0000)"),
            std::string::npos)
      << "no request, no ratio";
}

}  // namespace
}  // namespace gateway::shadow_test
