// Nothing that unproved credentials do changes what a proved one is told: the same random story of the proved is played to two shields,
// to one of them with strangers beside, and every decision about the proved must be the same.
#include <gtest/gtest.h>

#include <random>

#include "core/limit/upstream_shield.hpp"

namespace gateway::test::strangers_model_test {
namespace {

using namespace std::chrono_literals;
using state = turn_request::state;
using outcome = exchange_outcome;
using credential = exchange_news::credential;

constexpr std::uint64_t places = 12;
constexpr std::size_t most_at_once = places / 2 - 1;  // as many as are never a stranger's, whatever the kind

shield_policy policy() {
  shield_policy made;
  made.max_in_flight = places;
  made.max_queued = 16;
  made.failures_to_break = 4;
  return made;
}

class story {
public:
  explicit story(unsigned seed) : random_(seed), shields_{upstream_shield{policy(), seed}, upstream_shield{policy(), seed}} {}

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
  using pair = std::array<turn_ptr, 2>;

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
        both[i] = std::make_shared<turn_request>(who, now_ + 8s, 8s);
        shields_[i].enter(both[i], fair_queue::position::last, now_);
      }
      proved_.push_back(both);
    } else if (!proved_.empty()) {
      auto const at = proved_.begin() + static_cast<std::ptrdiff_t>(random_() % proved_.size());
      if ((*at)[0]->is == state::waiting) return random_() % 4 == 0 ? desert(*at) : void();
      exchange_news news;
      news.is = some_outcome();
      news.retry_after = std::chrono::seconds{random_() % 3};
      if (news.is == outcome::accepted) news.who = credential::accepted;
      for (std::size_t i = 0; i < 2; ++i) shields_[i].finish((*at)[i], news, now_);
      proved_.erase(at);
    }
  }
  void desert(const pair& both) {
    for (std::size_t i = 0; i < 2; ++i) shields_[i].desert(both[i], now_);
  }

  // To the second shield only: any account, any credential that is not theirs, from few addresses or many, with any end.
  void stranger_step() {
    auto& shield = shields_[1];
    if (strangers_.empty() || random_() % 2 == 0) {
      requester who;
      who.proved = false;
      who.account = random_() % 4;
      who.client = random_() % 4;
      who.credential = 100 + random_() % 30;
      who.address = random_() % 20;
      who.network = who.address / 4;
      who.what = some_kind();
      auto const one = std::make_shared<turn_request>(who, now_ + std::chrono::milliseconds{random_() % 9000}, 8s);
      random_() % 8 == 0 ? void(shield.try_enter(one, now_)) : shield.enter(one, fair_queue::position::last, now_);
      if (one->is != state::shed) strangers_.push_back(one);
      ++strangers;
      return;
    }
    auto const at = strangers_.begin() + static_cast<std::ptrdiff_t>(random_() % strangers_.size());
    auto const one = *at;
    if (one->is != state::granted || random_() % 4 == 0) return shield.desert(one, now_);
    exchange_news news;
    news.is = some_outcome();
    news.retry_after = std::chrono::seconds{random_() % 30};
    news.reported_load = random_() % 50;
    if (news.is == outcome::accepted) news.who = credential::refused;
    shield.finish(one, news, now_);
    strangers_.erase(at);
    if (random_() % 16 == 0) shield.may_repeat(*one, now_);
  }

  void look() {
    for (auto const& both : proved_) {
      for (std::size_t i = 0; i < 2; ++i) shields_[i].look(both[i], now_);
    }
    for (auto const& one : strangers_) shields_[1].look(one, now_);
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
      ASSERT_EQ(shields_[0].of(account).limit, shields_[1].of(account).limit);
      ASSERT_EQ(shields_[0].of(account).in_flight, shields_[1].of(account).in_flight);
    }
    auto const alone = shields_[0].now(), beside = shields_[1].now();
    ASSERT_EQ(alone.cooling_down, beside.cooling_down);
    ASSERT_EQ(alone.broken, beside.broken);
    ASSERT_EQ(alone.breaks, beside.breaks);
    ASSERT_LE(beside.unproved_in_flight, places / 2);
    ASSERT_LE(beside.unproved_waiting, 8U);
    ASSERT_EQ(beside.in_flight, alone.in_flight + beside.unproved_in_flight);
    std::erase_if(strangers_, [](const turn_ptr& one) { return one->is == state::shed; });
  }

  std::mt19937 random_;
  std::array<upstream_shield, 2> shields_;
  mono_time now_{1h};
  std::vector<pair> proved_;
  std::vector<turn_ptr> strangers_;
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
  // Or the test shows nothing.
  EXPECT_GT(granted, 10'000U);
  EXPECT_GT(shed, 1'000U);
  EXPECT_GT(strangers, 10'000U);
}

}  // namespace
}  // namespace gateway::test::strangers_model_test
