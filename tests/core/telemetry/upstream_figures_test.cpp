// Several upstreams in figures: together they are a sum, and where they are told apart, each has its name.
#include "core/telemetry/upstream_figures.hpp"

#include <gtest/gtest.h>

namespace gateway::upstream_figures_test {
namespace {

upstream_limiter::load load_of(std::uint64_t number) {
  upstream_limiter::load made;
  for (auto* const one : {&made.in_flight, &made.waiting, &made.unproved_in_flight, &made.unproved_waiting, &made.unproved_broken,
                          &made.detached, &made.limit, &made.cooling_down, &made.broken, &made.cool_downs, &made.breaks})
    *one = number++;
  for (auto& one : made.sheds) one = number++;
  made.bulk_in_flight = number++;
  made.bulk_waiting = number++;
  for (auto& one : made.permits) one = number++;
  return made;
}

TEST(upstream_figures, together_they_are_a_sum_with_the_lowest_limit) {
  auto const sum = together(load_of(1), load_of(100));
  EXPECT_EQ(sum.in_flight, 101U);
  EXPECT_EQ(sum.waiting, 103U);
  EXPECT_EQ(sum.unproved_in_flight, 105U);
  EXPECT_EQ(sum.unproved_waiting, 107U);
  EXPECT_EQ(sum.unproved_broken, 109U);
  EXPECT_EQ(sum.detached, 111U);
  EXPECT_EQ(sum.limit, 7U);
  EXPECT_EQ(together(load_of(100), load_of(1)).limit, 7U);
  EXPECT_EQ(sum.cooling_down, 115U);
  EXPECT_EQ(sum.broken, 117U);
  EXPECT_EQ(sum.cool_downs, 119U);
  EXPECT_EQ(sum.breaks, 121U);
  for (std::size_t i = 0; i < shed_reason_count; ++i) EXPECT_EQ(sum.sheds[i], 123 + 2 * i);
  EXPECT_EQ(sum.bulk_in_flight, 133U);
  EXPECT_EQ(sum.bulk_waiting, 135U);
  for (std::size_t i = 0; i < client_class_count; ++i) EXPECT_EQ(sum.permits[i], 137 + 2 * i);
}

TEST(upstream_figures, each_has_its_name) {
  std::string text;
  append_upstreams(text, {{"default", load_of(1), 40, 3}, {"eu", load_of(100), 20, 5}});
  EXPECT_EQ(text,
            R"([{"name":"default","max_in_flight":40,"limit":7,"in_flight":1,"waiting":2,"idle_connections":3,"accounts_cooling_down":8,)"
            R"("accounts_circuit_open":9},{"name":"eu","max_in_flight":20,"limit":106,"in_flight":100,"waiting":101,"idle_connections":5,)"
            R"("accounts_cooling_down":107,"accounts_circuit_open":108}])");
}

}  // namespace
}  // namespace gateway::upstream_figures_test
