// A circuit whose probe a fleet gives: what it reports, and what it believes.
#include <gtest/gtest.h>

#include "core/limit/circuit_breaker.hpp"

namespace gateway::test::shared_circuit_test {
namespace {

using namespace std::chrono_literals;
using state = circuit::state;
using event = circuit_report::event;
using prober = circuit_word::prober;

constexpr backoff_policy policy{100ms, 30s};
constexpr mono_time start{1h};

circuit_word open_word(std::uint64_t number, std::chrono::milliseconds left, prober whose = prober::none) {
  circuit_word word;
  word.number = number;
  word.open = true;
  word.open_for = left;
  word.streak = 3;
  word.probe = whose;
  return word;
}
circuit_word closed_word(std::uint64_t number) {
  circuit_word word;
  word.number = number;
  return word;
}

struct shared_circuit : testing::Test {
  shared_circuit() { one.share(true); }
  circuit one{policy};

  void knows(const circuit_word& word, mono_time now = start) { (void)one.take(&word, true, 0, now); }
};

TEST_F(shared_circuit, reports_once_that_it_opened_and_that_it_closed) {
  EXPECT_FALSE(one.has_report());
  one.open(1, 5, 2s, 0, start);
  auto const opened = one.report(false, start);
  EXPECT_EQ(opened.what, event::opened);
  EXPECT_EQ(opened.open_for, 2s);
  EXPECT_EQ(one.report(false, start).what, event::unchanged);
  EXPECT_TRUE(one.has_report()) << "as long as it is open";
  knows(open_word(7, 2s));
  one.close(6);
  auto const closed = one.report(false, start);
  EXPECT_EQ(closed.what, event::closed);
  EXPECT_EQ(closed.known, 7U);
  EXPECT_FALSE(one.has_report());
}

TEST_F(shared_circuit, a_longer_pause_of_the_same_opening_is_told) {
  one.open(1, 5, 2s, 0, start);
  (void)one.report(false, start);
  one.open(2, 5, 9s, 0, start);
  auto const longer = one.report(false, start);
  EXPECT_EQ(longer.what, event::prolonged);
  EXPECT_EQ(longer.open_for, 9s);
}

TEST_F(shared_circuit, half_open_it_asks_before_a_request_passes) {
  one.open(1, 5, 0s, 0, start);
  (void)one.report(false, start);
  knows(open_word(1, 100ms));
  auto const then = start + 100ms;
  EXPECT_EQ(one.state_at(then), state::asking);
  EXPECT_FALSE(circuit::passes(state::asking));
  EXPECT_FALSE(one.report(false, then).wants_probe) << "no request waits";
  EXPECT_TRUE(one.report(true, then).wants_probe);
  knows(open_word(1, 0ms, prober::another), then);
  EXPECT_EQ(one.state_at(then), state::open);
  knows(open_word(1, 0ms, prober::self), then);
  EXPECT_EQ(one.state_at(then), state::half_open);
  one.begin_probe();
  EXPECT_TRUE(one.report(false, then).wants_probe) << "it is on its way";
  one.end_probe();
  EXPECT_EQ(one.state_at(then), state::asking) << "the next one needs another word";
}

TEST_F(shared_circuit, of_which_the_engine_knows_nothing_is_probed_as_without_a_fleet) {
  one.open(1, 5, 0s, 0, start);
  (void)one.report(false, start);
  (void)one.take(nullptr, true, 5, start);
  EXPECT_EQ(one.state_at(start + 100ms), state::half_open);
}

TEST_F(shared_circuit, is_opened_and_closed_by_the_fleet) {
  auto const word = open_word(4, 3s);
  EXPECT_TRUE(one.take(&word, true, 9, start));
  EXPECT_EQ(one.state_at(start + 2999ms), state::open);
  one.close(9);
  EXPECT_FALSE(one.is_closed()) << "it was sent before";
  knows(closed_word(3));
  EXPECT_FALSE(one.is_closed()) << "that is older";
  knows(closed_word(4));
  EXPECT_TRUE(one.is_closed());
}

TEST_F(shared_circuit, a_word_is_not_believed_for_longer_than_the_longest_pause) {
  knows(open_word(1, std::chrono::hours{24 * 365}));
  EXPECT_EQ(one.state_at(start + 30s), state::asking);
}

TEST_F(shared_circuit, half_open_elsewhere_it_stays_closed) {
  knows(open_word(1, 0ms));
  EXPECT_TRUE(one.is_closed());
}

TEST_F(shared_circuit, what_happened_here_is_newer_than_a_word_about_the_time_before) {
  one.open(1, 5, 2s, 0, start);
  knows(closed_word(9));
  EXPECT_FALSE(one.is_closed());
  EXPECT_EQ(one.report(false, start).what, event::opened);
}

TEST_F(shared_circuit, alone_it_reports_nothing_and_hears_nothing) {
  one.open(1, 5, 0s, 0, start);
  one.share(false);
  EXPECT_FALSE(one.has_report());
  EXPECT_EQ(one.state_at(start + 100ms), state::half_open);
  knows(closed_word(9));
  EXPECT_FALSE(one.is_closed());
  one.share(true);
  EXPECT_EQ(one.report(false, start).what, event::opened) << "what it learnt alone";
}

TEST(shared_breaker, believes_the_fleet_once_an_exchange_of_its_own_has_failed) {
  circuit_breaker one{policy};
  one.share(true);
  auto const word = open_word(1, 3s);
  EXPECT_FALSE(one.take(&word, 0, start));
  EXPECT_FALSE(one.is_open());
  one.note_failure(1, 1, 1, 10, 0, start);
  EXPECT_TRUE(one.take(&word, 1, start));
  EXPECT_EQ(one.state_for(1, start), state::open);
  EXPECT_EQ(one.state_for(2, start), state::closed) << "only one client has met a failure here";
}

}  // namespace
}  // namespace gateway::test::shared_circuit_test
