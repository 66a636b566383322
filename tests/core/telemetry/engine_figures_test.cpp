// What operators see of the link to the engine.
#include "core/telemetry/engine_figures.hpp"

#include <gtest/gtest.h>

namespace gateway::engine_figures_test {
namespace {

TEST(engine_figures, before_the_first_connection_it_says_why) {
  engine_figures now;
  now.address = "engine:6379";
  now.why_not = "Connection refused";
  EXPECT_EQ(engine_json(now), R"({"address":"engine:6379","state":"away","why":"Connection refused",)"
                              R"("commands":{"answered":0,"away":0,"busy":0,"late":0,"refused":0}})");
}

TEST(engine_figures, replies_have_a_usual_and_a_long_time) {
  engine_figures now;
  now.state = link_state::slow;
  now.commands = {7, 6, 5, 4, 3};
  now.answered.buckets[duration_bucket(std::chrono::microseconds{200})] = 98;
  now.answered.buckets[duration_bucket(std::chrono::microseconds{2000})] = 2;
  auto const text = engine_json(now);
  EXPECT_NE(text.find(R"("state":"slow","p50_us":1)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("p99_us":1)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("answered":7,"away":6,"busy":5,"late":4,"refused":3)"), std::string::npos) << text;
}

}  // namespace
}  // namespace gateway::engine_figures_test
