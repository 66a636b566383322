// Unproved requests change no decision about proved ones. Two limiters get the same random proved requests, and one of them gets unproved
// requests as well. Every decision about the proved requests must be the same.
#include <gtest/gtest.h>

#include <random>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::strangers_model_test {
namespace {

using namespace std::chrono_literals;
using state = permit_request::state;
using outcome = exchange_outcome;
using credential = exchange_feedback::credential;

constexpr std::uint64_t places = 12;
constexpr std::size_t most_at_once = places / 2 - 1;  // this many permits are never taken by unproved requests

limiter_policy policy() {
  limiter_policy made;
  made.max_in_flight = places;
  made.max_queued = 16;
  made.failures_to_break = 4;
  return made;
}

class story {
public:
  explicit story(unsigned seed) : random_(seed), limiters_{upstream_limiter{policy(), seed}, upstream_limiter{policy(), seed}} {}

  void play(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      now_ += std::chrono::milliseconds{random_() % 300};
      random_() % 3 == 0 ? proved_step() : stranger_step();
      look();
      compare();
    }
  }
  std::uint64_t granted = 0, shed = 0, strangers = 0;

private:
  using pair = std::array<permit_request_ptr, 2>;

  resource some_kind() { return static_cast<resource>(random_() % resource_count); }
  outcome some_outcome() {
    static constexpr std::array all{outcome::accepted,  outcome::accepted, outcome::accepted,
                                    outcome::throttled, outcome::failed,   outcome::unknown};
    return all[random_() % all.size()];
  }

  void proved_step() {
    if (proved_.size() < most_at_once && random_() % 2 == 0) {
      requester who;
      who.account = 1 + random_() % 2;
      who.client = 1 + random_() % 3;
      who.credential = who.account;
      who.what = some_kind();
      pair both;
      for (std::size_t i = 0; i < 2; ++i) {
        both[i] = std::make_shared<permit_request>(who, now_ + 8s, 8s);
        woken_ = limiters_[i].enter(both[i], fair_queue::position::last, now_);
      }
      proved_.push_back(both);
    } else if (!proved_.empty()) {
      auto const at = proved_.begin() + static_cast<std::ptrdiff_t>(random_() % proved_.size());
      if ((*at)[0]->is == state::waiting) return random_() % 4 == 0 ? abandon(*at) : void();
      exchange_feedback feedback;
      feedback.is = some_outcome();
      feedback.retry_after = std::chrono::seconds{random_() % 3};
      if (feedback.is == outcome::accepted) feedback.who = credential::accepted;
      for (std::size_t i = 0; i < 2; ++i) woken_ = limiters_[i].finish((*at)[i], feedback, now_);
      proved_.erase(at);
    }
  }
  void abandon(const pair& both) {
    for (std::size_t i = 0; i < 2; ++i) woken_ = limiters_[i].abandon(both[i], now_);
  }

  // For the second limiter only: any account, any unproved credential, from few addresses or many, with any result.
  void stranger_step() {
    auto& limiter = limiters_[1];
    if (strangers_.empty() || random_() % 2 == 0) {
      requester who;
      who.proved = false;
      who.account = random_() % 4;
      who.client = random_() % 4;
      who.credential = 100 + random_() % 30;
      who.address = random_() % 20;
      who.network = who.address / 4;
      who.what = some_kind();
      auto const one = std::make_shared<permit_request>(who, now_ + std::chrono::milliseconds{random_() % 9000}, 8s);
      if (random_() % 8 == 0) {
        limiter.try_enter(one, now_);
      } else {
        woken_ = limiter.enter(one, fair_queue::position::last, now_);
      }
      if (one->is != state::shed) strangers_.push_back(one);
      ++strangers;
      return;
    }
    auto const at = strangers_.begin() + static_cast<std::ptrdiff_t>(random_() % strangers_.size());
    auto const one = *at;
    if (one->is != state::granted || random_() % 4 == 0) {
      woken_ = limiter.abandon(one, now_);
      return;
    }
    exchange_feedback feedback;
    feedback.is = some_outcome();
    feedback.retry_after = std::chrono::seconds{random_() % 30};
    feedback.reported_load = random_() % 50;
    if (feedback.is == outcome::accepted) feedback.who = credential::refused;
    woken_ = limiter.finish(one, feedback, now_);
    strangers_.erase(at);
    if (random_() % 16 == 0) limiter.may_repeat(*one, now_);
  }

  void look() {
    for (auto const& both : proved_) {
      for (std::size_t i = 0; i < 2; ++i) woken_ = limiters_[i].recheck(both[i], now_);
    }
    for (auto const& one : strangers_) woken_ = limiters_[1].recheck(one, now_);
  }

  void compare() {
    for (auto at = proved_.begin(); at != proved_.end();) {
      auto const& [alone, beside] = *at;
      ASSERT_EQ(alone->is, beside->is);
      ASSERT_EQ(alone->why, beside->why);
      ASSERT_EQ(alone->retry_in, beside->retry_in);
      ASSERT_EQ(alone->in_flight, beside->in_flight);
      granted += alone->is == state::granted ? 1 : 0;
      shed += alone->is == state::shed ? 1 : 0;
      at = alone->is == state::shed ? proved_.erase(at) : std::next(at);
    }
    for (std::uint64_t account = 1; account <= 2; ++account) {
      ASSERT_EQ(limiters_[0].of(account).limit, limiters_[1].of(account).limit);
      ASSERT_EQ(limiters_[0].of(account).in_flight, limiters_[1].of(account).in_flight);
    }
    auto const alone = limiters_[0].now(), beside = limiters_[1].now();
    ASSERT_EQ(alone.cooling_down, beside.cooling_down);
    ASSERT_EQ(alone.broken, beside.broken);
    ASSERT_EQ(alone.breaks, beside.breaks);
    ASSERT_LE(beside.unproved_in_flight, places / 2);
    ASSERT_LE(beside.unproved_waiting, 8U);
    ASSERT_EQ(beside.in_flight, alone.in_flight + beside.unproved_in_flight);
    std::erase_if(strangers_, [](const permit_request_ptr& one) { return one->is == state::shed; });
  }

  std::mt19937 random_;
  std::array<upstream_limiter, 2> limiters_;
  wake_list woken_;  // by the last operation
  mono_time now_{1h};
  std::vector<pair> proved_;
  std::vector<permit_request_ptr> strangers_;
};

TEST(strangers_model, nothing_that_they_do_changes_what_a_proved_one_is_told) {
  std::uint64_t granted = 0, shed = 0, strangers = 0;
  for (unsigned seed = 1; seed <= 300 && !testing::Test::HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    story one{seed};
    one.play(400);
    granted += one.granted;
    shed += one.shed;
    strangers += one.strangers;
  }
  // Otherwise the test would prove nothing.
  EXPECT_GT(granted, 10'000U);
  EXPECT_GT(shed, 1'000U);
  EXPECT_GT(strangers, 10'000U);
}

}  // namespace
}  // namespace gateway::test::strangers_model_test
