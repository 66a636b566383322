// The OAuth tokens of accounts, as lanes and the task that refreshes them share them.
#include "app/state/upstream_tokens.hpp"

#include <gtest/gtest.h>

#include "io/runtime/clock.hpp"
#include "io/runtime/spawn.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using state = upstream_tokens::state;

struct upstream_tokens_test : testing::Test {
  asio::io_context loop;
  live_tasks live;
  upstream_tokens tokens{1};
  partition const owner = partition_of_oauth_account("main", "OQ1", {});
  partition const other = partition_of_oauth_account("other", "OQ1", {});
  std::shared_ptr<sleeper> const keeper = std::make_shared<sleeper>(loop.get_executor());
  std::shared_ptr<sleeper> const waits = std::make_shared<sleeper>(loop.get_executor());
  mono_time now{1000h};

  static upstream_tokens::client with(std::string_view given) {
    return std::make_shared<const oauth_client>(oauth_client{"OQ1", "https://h/t", secret{given}});
  }
  upstream_tokens::client begin() {
    mono_time due;
    return tokens.begin(owner, now, due);
  }
  void issue(std::string_view token, std::chrono::seconds lifetime = 1h) {
    ASSERT_TRUE(begin());
    token_answer answer;
    answer.is = token_result::issued;
    answer.authorization = secret{token};
    answer.lifetime = lifetime;
    tokens.note(owner, answer, now);
  }
  void fail(token_result why) {
    ASSERT_TRUE(begin());
    token_answer answer;
    answer.is = why;
    tokens.note(owner, answer, now);
  }
  // Whether the sleeper was woken.
  bool is_woken(const std::shared_ptr<sleeper>& one) {
    bool woken = false;
    auto const wait = [](std::shared_ptr<sleeper> of, bool& result) -> task<void> {
      bool const was = co_await of->sleep_until(mono_now());
      result = was;
    };
    spawn(loop.get_executor(), live, "wait", wait(one, woken));
    loop.restart();
    loop.run();
    return woken;
  }
};

TEST_F(upstream_tokens_test, an_unknown_account_has_none) {
  EXPECT_EQ(tokens.current(owner, now), nullptr);
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::unavailable);
  EXPECT_FALSE(tokens.note_refused(owner, now, now));
  EXPECT_EQ(tokens.count(now).accounts, 0u);
}

TEST_F(upstream_tokens_test, one_refresh_serves_all_that_wait) {
  tokens.put(owner, with("s"), keeper, now);
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::awaited);
  EXPECT_EQ(tokens.count(now).first_end, 0ns);
  ASSERT_TRUE(begin());
  mono_time due;
  EXPECT_EQ(tokens.begin(owner, now, due), nullptr) << "one at a time";
  EXPECT_EQ(due, mono_time::max());
  token_answer answer;
  answer.is = token_result::issued;
  answer.authorization = secret{"Bearer a"};
  answer.lifetime = 1h;
  tokens.note(owner, answer, now);
  EXPECT_TRUE(is_woken(waits));
  ASSERT_TRUE(tokens.current(owner, now));
  EXPECT_EQ(tokens.current(owner, now)->reveal(), "Bearer a");
  EXPECT_EQ(tokens.current(owner, now + 1h), nullptr);
  EXPECT_EQ(tokens.current(other, now), nullptr);
  EXPECT_EQ(tokens.count(now).failing, 0u);
  EXPECT_EQ(tokens.count(now).first_end, 1h);
}

TEST_F(upstream_tokens_test, between_two_attempts_no_request_waits) {
  tokens.put(owner, with("s"), keeper, now);
  fail(token_result::timeout);
  auto const seen = tokens.wait(owner, now, waits);
  EXPECT_EQ(seen.is, state::unavailable);
  EXPECT_GE(seen.retry_in, 1s);
  EXPECT_EQ(tokens.count(now).failing, 1u);
  now += 2s;
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::awaited);
  fail(token_result::client_refused);
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::client_refused);
}

TEST_F(upstream_tokens_test, a_refused_token_wakes_its_keeper) {
  tokens.put(owner, with("s"), keeper, now);
  issue("Bearer a");
  now += 1s;
  EXPECT_TRUE(tokens.note_refused(owner, now, now)) << "no more than the token";
  EXPECT_TRUE(is_woken(keeper));
  EXPECT_EQ(tokens.current(owner, now), nullptr);
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::awaited);
  issue("Bearer b");
  EXPECT_FALSE(tokens.note_refused(owner, now, now)) << "the account";
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::client_refused);
  EXPECT_EQ(tokens.count(now).failing, 1u);
  now += 2s;
  issue("Bearer c");
  tokens.note_accepted(owner, now);
  EXPECT_EQ(tokens.count(now).failing, 0u);
}

TEST_F(upstream_tokens_test, another_secret_is_used_at_once_and_the_same_one_changes_nothing) {
  tokens.put(owner, with("s"), keeper, now);
  issue("Bearer a");
  tokens.put(owner, with("s"), keeper, now);
  EXPECT_FALSE(begin());
  tokens.put(owner, with("next"), keeper, now);
  EXPECT_TRUE(tokens.current(owner, now));
  auto const client = begin();
  ASSERT_TRUE(client);
  EXPECT_EQ(client->client_secret.reveal(), "next");
}

TEST_F(upstream_tokens_test, an_account_that_has_gone_wakes_what_waits) {
  tokens.put(owner, with("s"), keeper, now);
  ASSERT_EQ(tokens.wait(owner, now, waits).is, state::awaited);
  tokens.remove(owner);
  EXPECT_TRUE(is_woken(waits));
  EXPECT_EQ(tokens.wait(owner, now, waits).is, state::unavailable);
}

}  // namespace
}  // namespace gateway
