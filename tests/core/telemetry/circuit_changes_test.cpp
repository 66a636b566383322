// Openings and closings of circuits, from what an operator would see of them at each look.
#include "core/telemetry/circuit_changes.hpp"

#include <gtest/gtest.h>

#include "core/telemetry/log_line.hpp"

namespace gateway::circuit_changes_test {
namespace {

using namespace std::chrono_literals;
using sort = circuit_name::sort;

struct circuit_changes_test : testing::Test {
  circuit_changes seen;
  mono_time now{1h};

  static circuit_figures breaker(std::chrono::nanoseconds since, bool closed = false, std::uint64_t account = 1) {
    circuit_figures made;
    made.whose = {sort::breaker, account, resource::summary};
    made.since = since;
    made.closed = closed;
    made.cause = fault::upstream_timeout;
    return made;
  }
  // "circuit_opened main" for each note, and how long it lasted.
  std::vector<std::string> look(const std::vector<circuit_figures>& those, bool complete = true) {
    std::vector<std::string> all;
    for (auto const& one : seen.look(
             those, complete, [](std::uint64_t account) { return "a" + std::to_string(account); }, now)) {
      std::string said{name_of(one.kind)};
      for (auto const& field : one.fields) {
        if (auto const* const text = std::get_if<std::string>(&field.value)) said += " " + *text;
        if (auto const* const time = std::get_if<std::chrono::nanoseconds>(&field.value)) said += " " + std::to_string(*time / 1s) + "s";
        if (auto const* const number = std::get_if<std::uint64_t>(&field.value)) said += " " + std::to_string(*number);
      }
      all.push_back(std::move(said));
    }
    return all;
  }
};
using texts = std::vector<std::string>;

TEST_F(circuit_changes_test, an_opening_is_told_once_and_then_its_end) {
  EXPECT_EQ(look({}), texts{});
  EXPECT_EQ(look({breaker(1s)}), texts{"circuit_opened a1 summary upstream_timeout"});
  now += 2s;
  EXPECT_EQ(look({breaker(3s)}), texts{});
  now += 2s;
  EXPECT_EQ(look({}), texts{"circuit_closed a1 summary upstream_timeout 5s"});
  EXPECT_EQ(look({}), texts{});
}

TEST_F(circuit_changes_test, one_that_closed_between_two_looks_is_told_as_a_whole) {
  EXPECT_EQ(look({breaker(2s, true)}),
            (texts{"circuit_opened a1 summary upstream_timeout", "circuit_closed a1 summary upstream_timeout 2s"}));
  EXPECT_EQ(look({}), texts{});
}

TEST_F(circuit_changes_test, one_that_closed_and_opened_again_has_two_openings) {
  EXPECT_EQ(look({breaker(1s)}).size(), 1U);
  now += 10s;
  EXPECT_EQ(look({breaker(1s)}), (texts{"circuit_closed a1 summary upstream_timeout 11s", "circuit_opened a1 summary upstream_timeout"}));
  now += 2s;
  EXPECT_EQ(look({breaker(3s, true)}), texts{"circuit_closed a1 summary upstream_timeout 3s"});
}

TEST_F(circuit_changes_test, the_hosts_circuit_has_no_account_and_cool_downs_have_a_status) {
  circuit_figures host;
  host.cause = fault::upstream_unreachable;
  circuit_figures cool_down;
  cool_down.whose = {sort::cool_down, 2};
  circuit_figures pause;
  pause.whose = {sort::pause, 2, resource::events};
  EXPECT_EQ(look({host, cool_down, pause}),
            (texts{"circuit_opened upstream_unreachable", "cool_down_begun a2 429", "cool_down_begun a2 events 503"}));
}

TEST_F(circuit_changes_test, one_that_was_left_out_of_a_look_is_not_taken_for_closed) {
  EXPECT_EQ(look({breaker(1s)}).size(), 1U);
  EXPECT_EQ(look({breaker(1s, false, 2)}, false), texts{"circuit_opened a2 summary upstream_timeout"});
  EXPECT_EQ(look({}), (texts{"circuit_closed a1 summary upstream_timeout 1s", "circuit_closed a2 summary upstream_timeout 1s"}));
}

}  // namespace
}  // namespace gateway::circuit_changes_test
