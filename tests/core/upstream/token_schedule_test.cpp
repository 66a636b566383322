// When another OAuth token is asked for.
#include "core/upstream/token_schedule.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway {
namespace {

using namespace std::chrono_literals;
using refusal = token_schedule::refusal;

struct token_schedule_test : testing::Test {
  mono_time now{1000h};
  token_schedule one{now};

  void issue(std::chrono::nanoseconds lifetime) {
    one.begin(now);
    one.note_issued(lifetime, 0, now);
  }
  void fail(std::chrono::nanoseconds at_least = {}) {
    one.begin(now);
    one.note_failed(at_least, 0, now);
  }
};

TEST_F(token_schedule_test, asks_at_once_and_once) {
  EXPECT_FALSE(one.has_token(now));
  EXPECT_TRUE(one.is_awaited(now));
  EXPECT_EQ(one.due(), now);
  one.begin(now);
  EXPECT_EQ(one.due(), mono_time::max()) << "never two at a time";
  EXPECT_TRUE(one.is_awaited(now));
}

TEST_F(token_schedule_test, renews_before_the_end) {
  struct row {
    std::chrono::nanoseconds lifetime, due_in;
  };
  for (auto const& [lifetime, due_in] : {row{1h, 55min}, row{10min, 8min}, row{10s, 8s}, row{1s, 800ms}, row{24h, 24h - 5min}}) {
    issue(lifetime);
    EXPECT_EQ(one.due() - now, due_in);
    EXPECT_TRUE(one.has_token(now + lifetime - 1ns));
    EXPECT_FALSE(one.has_token(now + lifetime));
  }
  one.begin(now);
  one.note_issued(1h, 0.999, now);
  EXPECT_GT(one.due() - now, 53min) << "chance moves it by a quarter of the margin";
  EXPECT_LT(one.due() - now, 54min);
}

TEST_F(token_schedule_test, counts_a_life_from_when_the_token_was_asked_for) {
  one.begin(now);
  one.note_issued(10s, 0, now + 4s);
  EXPECT_FALSE(one.has_token(now + 10s));
  EXPECT_EQ(one.due(), now + 8s);
  one.begin(now + 8s);
  one.note_issued(1s, 0, now + 20s);
  EXPECT_FALSE(one.has_token(now + 20s)) << "it has ended on its way";
  EXPECT_EQ(one.due(), now + 20s + token_schedule::shortest_use);
}

TEST_F(token_schedule_test, pauses_longer_after_each_failure) {
  for (auto const pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    fail();
    EXPECT_EQ(one.due() - now, pause);
    EXPECT_FALSE(one.is_awaited(now));
  }
  issue(1h);
  fail();
  EXPECT_EQ(one.due() - now, 1s);
  fail(30s);
  EXPECT_EQ(one.due() - now, 30s) << "the endpoint asks for it";
}

TEST_F(token_schedule_test, a_token_serves_on_while_refreshes_fail) {
  issue(1h);
  now += 56min;
  fail();
  EXPECT_TRUE(one.has_token(now));
  EXPECT_TRUE(one.has_token(now + 3min));
  EXPECT_FALSE(one.has_token(now + 4min));
}

TEST_F(token_schedule_test, the_first_refusal_ends_a_token_and_asks_for_another_one) {
  issue(1h);
  now += 1min;
  EXPECT_EQ(one.note_refused(now, 0, now), refusal::ended);
  EXPECT_FALSE(one.has_token(now));
  EXPECT_EQ(one.due(), now);
  EXPECT_EQ(one.note_refused(now, 0, now), refusal::ended) << "of a request that was sent at the same time";
  EXPECT_FALSE(one.is_refused());
  issue(1h);
  EXPECT_EQ(one.note_refused(now - 1s, 0, now), refusal::ended) << "of the token before";
  EXPECT_TRUE(one.has_token(now));
  one.note_accepted(now);
  now += 1min;
  EXPECT_EQ(one.note_refused(now, 0, now), refusal::ended) << "one was accepted meanwhile";
}

TEST_F(token_schedule_test, refusals_in_a_row_are_the_accounts_and_slow_the_refreshes_down) {
  issue(1h);
  EXPECT_EQ(one.note_refused(now, 0, now), refusal::ended);
  for (auto const pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    issue(1h);
    one.note_accepted(now - 1ns);  // an older answer says nothing of it
    EXPECT_EQ(one.note_refused(now, 0, now), refusal::account);
    EXPECT_TRUE(one.is_refused());
    EXPECT_EQ(one.due() - now, pause);
    now = one.due();
  }
  issue(1h);
  one.note_accepted(now);
  EXPECT_FALSE(one.is_refused());
}

TEST_F(token_schedule_test, another_secret_counts_at_once_and_keeps_the_token) {
  issue(1h);
  one.try_now(now);
  EXPECT_EQ(one.due(), now);
  EXPECT_TRUE(one.has_token(now));
  one.begin(now);
  one.try_now(now);
  EXPECT_EQ(one.due(), mono_time::max());
  one.note_failed({}, 0, now);
  EXPECT_EQ(one.due(), now) << "the refresh that failed had the secret before";
}

// Whatever happens: one refresh at a time, a pace that an endpoint can bear, and no token beyond its life.
TEST(token_schedule_property, over_random_sequences) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 chance{seed};
    auto const below = [&](int n) { return static_cast<int>(chance() % static_cast<unsigned>(n)); };
    auto const unit = [&] { return std::uniform_real_distribution<double>{}(chance); };
    mono_time now{1000h}, begun{}, ends = mono_time::min();
    token_schedule one{now};
    bool refreshing = false, told = false;
    int refreshes = 0;
    for (int step = 0; step < 400; ++step) {
      now += std::chrono::milliseconds{below(2000)};
      if (refreshing) {
        ASSERT_EQ(one.due(), mono_time::max());
        if (below(2) == 0) {
          std::chrono::seconds const lifetime{1 + below(4000)};
          one.note_issued(lifetime, unit(), now);
          ends = begun + lifetime;
        } else {
          one.note_failed(std::chrono::seconds{below(5)}, unit(), now);
        }
        refreshing = false;
        if (!told) {
          ASSERT_GE(one.due(), now + token_schedule::shortest_use);
        }
        told = false;
      } else if (now >= one.due()) {
        one.begin(begun = now);
        refreshing = true;
        ++refreshes;
      }
      auto const what = below(20);
      if (what == 0) one.try_now(now), told = refreshing;
      if (what == 1) one.note_accepted(now);
      if (what == 2 && one.has_token(now)) {
        one.note_refused(now, unit(), now);
        ASSERT_FALSE(one.has_token(now));
      }
      if (one.has_token(now)) {
        ASSERT_LT(now, ends);
      }
    }
    ASSERT_GT(refreshes, 0);
  }
}

// A client that the upstream refuses for ever, and requests all the time.
TEST(token_schedule_property, a_refused_client_asks_a_few_times_a_minute) {
  mono_time now{1000h};
  token_schedule one{now};
  int refreshes = 0;
  for (auto const end = now + 10min; now < end; now += 1ms) {
    if (now >= one.due()) {
      one.begin(now);
      one.note_issued(1h, 0, now);
      ++refreshes;
    }
    one.note_refused(now, 0, now);
  }
  EXPECT_LT(refreshes, 20);
}

}  // namespace
}  // namespace gateway
