// Whether the credential of an account is refused: by tables, and by random stories beside a model that remembers everything.
#include "core/limit/credential_circuit.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gateway::credential_circuit_test {
namespace {

using namespace std::chrono_literals;
using state = credential_circuit::state;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }
credential_circuit fresh() { return credential_circuit{backoff_policy{1s, 5s}}; }

// A circuit that was refused once, by a request of 0 s that was answered at 1 s.
credential_circuit doubted() {
  auto made = fresh();
  EXPECT_TRUE(made.note_refusal(at(0s), 0, at(1s)));
  return made;
}

TEST(credential_circuit, lets_everything_pass_until_it_is_refused) {
  auto one = fresh();
  EXPECT_EQ(one.is(), state::accepted);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(one.send(at(1s)));
  EXPECT_FALSE(one.note_success(at(1s))) << "nothing changed";
}

TEST(credential_circuit, one_refusal_is_a_doubt_and_a_later_success_ends_it) {
  auto one = doubted();
  EXPECT_EQ(one.is(), state::doubted);
  EXPECT_FALSE(one.lets_pass(at(1s)));
  EXPECT_FALSE(one.note_success(at(1s))) << "it was sent before the refusal was known";
  EXPECT_TRUE(one.note_success(at(1s + 1ns)));
  EXPECT_EQ(one.is(), state::accepted);
  EXPECT_TRUE(one.send(at(2s)));
  EXPECT_FALSE(one.note_refusal(at(500ms), 0, at(3s))) << "it was sent before what succeeded";
  EXPECT_EQ(one.is(), state::accepted);
}

TEST(credential_circuit, many_refusals_of_one_moment_are_one) {
  auto one = doubted();
  for (auto const sent : {0s, 1s}) EXPECT_FALSE(one.note_refusal(at(sent), 0, at(20s)));
  EXPECT_EQ(one.is(), state::doubted);
  EXPECT_TRUE(one.lets_pass(at(2s))) << "nor do they lengthen the pause";
}

TEST(credential_circuit, a_second_refusal_counts_if_it_was_sent_five_seconds_later) {
  auto early = doubted();
  EXPECT_FALSE(early.note_refusal(at(6s - 1ns), 0, at(9s)));
  EXPECT_EQ(early.is(), state::doubted);
  EXPECT_TRUE(early.note_refusal(at(10s), 0, at(10s))) << "five seconds after the first, not after the last";
  auto late = doubted();
  EXPECT_TRUE(late.note_refusal(at(6s), 0, at(6s)));
  EXPECT_EQ(late.is(), state::refused);
  EXPECT_FALSE(late.note_refusal(at(20s), 0, at(20s)));
  EXPECT_TRUE(late.note_success(at(30s)));
  EXPECT_EQ(late.is(), state::accepted);
}

TEST(credential_circuit, probes_are_sent_one_by_one_and_less_and_less_often) {
  auto one = doubted();
  std::vector<std::chrono::seconds> sent;
  for (auto moment = 1s; moment < 30s; moment += 1s) {
    if (!one.send(at(moment))) continue;
    EXPECT_FALSE(one.send(at(moment))) << "one at a time";
    sent.push_back(moment);
    one.note_refusal(at(moment), 0, at(moment));
  }
  EXPECT_EQ(sent, (std::vector<std::chrono::seconds>{2s, 4s, 8s, 13s, 18s, 23s, 28s}));
}

TEST(credential_circuit, a_probe_without_an_answer_is_followed_by_another) {
  auto one = doubted();
  EXPECT_TRUE(one.send(at(2s)));
  EXPECT_FALSE(one.send(at(3s - 1ns)));
  EXPECT_TRUE(one.send(at(3s)));
}

TEST(credential_circuit, another_credential_is_tried_at_once_and_answers_to_the_replaced_one_say_nothing) {
  auto one = doubted();
  one.note_refusal(at(2s), 0, at(2s));
  one.try_now(at(3s));
  EXPECT_EQ(one.is(), state::doubted) << "until it is accepted, nothing is shown";
  EXPECT_FALSE(one.note_refusal(at(3s), 0, at(4s)));
  EXPECT_FALSE(one.note_success(at(3s)));
  EXPECT_TRUE(one.send(at(4s)));
  EXPECT_FALSE(one.note_refusal(at(4s), 0, at(4s))) << "no second refusal yet";
  EXPECT_TRUE(one.lets_pass(at(5s))) << "the pauses begin anew";
}

// All that happened, and the state that follows from it.
class model {
public:
  bool refused(mono_time asked_at, mono_time now) {
    auto const before = is;
    if (asked_at <= known_) return false;
    if (is == state::accepted) first_ = now;
    is = is == state::accepted ? state::doubted : is == state::refused || asked_at - first_ >= 5s ? state::refused : state::doubted;
    known_ = now;
    return is != before;
  }
  bool succeeded(mono_time asked_at) {
    if (is == state::accepted || asked_at <= known_) return false;
    is = state::accepted;
    known_ = asked_at;
    return true;
  }
  state is = state::accepted;

private:
  mono_time first_{}, known_ = mono_time::min();
};

TEST(credential_circuit, random_stories_end_as_the_model_says) {
  unsigned met[3] = {}, probes = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    auto one = fresh();
    model beside;
    auto now = at(0s), last_probe = at(-1h);
    std::vector<mono_time> under_way;
    for (int step = 0; step < 200 && !testing::Test::HasFailure(); ++step) {
      now += std::chrono::milliseconds{random() % 1500};
      if (random() % 2 == 0 && one.send(now)) {
        if (one.is() != state::accepted) {
          EXPECT_GE(now - last_probe, 1s) << "probes keep the pace";
          last_probe = now;
          ++probes;
        }
        under_way.push_back(now);
      } else if (!under_way.empty()) {
        auto const which = under_way.begin() + static_cast<std::ptrdiff_t>(random() % under_way.size());
        auto const asked_at = *which;
        under_way.erase(which);
        bool const good = random() % 3 == 0;
        EXPECT_EQ(good ? one.note_success(asked_at) : one.note_refusal(asked_at, 0.5, now),
                  good ? beside.succeeded(asked_at) : beside.refused(asked_at, now));
        if (one.is() == state::accepted) last_probe = at(-1h);
      }
      EXPECT_EQ(one.is(), beside.is);
      ++met[static_cast<std::size_t>(one.is())];
    }
  }
  for (auto const count : met) EXPECT_GT(count, 1000U);
  EXPECT_GT(probes, 1000U);
}

}  // namespace
}  // namespace gateway::credential_circuit_test
