// Several workers at once: a credential that is refused in the end has no access left, and refusals of unknown credentials remove nothing.
// Most useful in a build with the thread sanitizer.
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "app/state/authorized_cache.hpp"
#include "cache/entries.hpp"

namespace gateway::authorized_cache_threads_test {
namespace {

using namespace std::chrono_literals;

constexpr unsigned credentials = 4, calls = 8;
constexpr short_hash_key table_key{std::byte{2}};

cache_key key(unsigned credential, unsigned call) {
  partition who;
  who.id[7] = static_cast<std::byte>(credential << 4);
  return {who, call_number(call), table_key};
}

class everything : public testing::TestWithParam<sharing_mode> {
protected:
  everything() : visible(all, rules_of(GetParam()), fingerprint_key{}) {
    // Credential 0 is never refused: these are its summaries.
    for (unsigned call = 0; call < calls; ++call) summary(0, call, at(1h), at(1h));
  }
  static credential_settings rules_of(sharing_mode sharing) {
    credential_settings rules;
    rules.sharing = sharing;
    rules.grant_ttl = 1h;
    return rules;
  }
  void summary(unsigned credential, unsigned call, mono_time asked_at, mono_time now) {
    auto made = made_answer(answer_kind::complete, account_number(call % 2), asked_at, now);
    auto const own = key(credential, call);
    authorized_cache::asked const when{all.generation(own.call), asked_at};
    visible.learn(own, credential_evidence::proven, made->account, when, now);
    visible.insert(own, std::move(made), when, instant_of(now));
  }
  void act(std::mt19937& random, mono_time now) {
    unsigned const who = 1 + random() % (credentials - 1), call = random() % calls;
    auto const own = key(who, call);
    switch (random() % 8) {
      case 0:
        visible.learn(own, credential_evidence::refused, std::nullopt, {0, now}, now);
        break;
      case 1:
        visible.learn(own, credential_evidence::call_refused, std::nullopt, {0, now}, now);
        break;
      case 2:
        visible.learn_beside(own.owner, credential_evidence::accepted, now - 5s, now);
        break;
      case 3:
        visible.learn({key(9, 0).owner, own.call, table_key}, credential_evidence::refused, std::nullopt, {0, now}, now);
        break;
      case 4: {
        succession const one{key(1, 0).owner, key(2, 0).owner};
        visible.succeed({&one, 1});
        break;
      }
      case 5:
        (void)visible.is_proved(own.owner, now);
        (void)visible.find(own, instant_of(now));
        break;
      default:
        summary(who, call, now - 5s, now);
    }
  }

  shared_cache all{{64 << 20, 1 << 20}, table_key};
  authorized_cache visible;
};
INSTANTIATE_TEST_SUITE_P(authorized_cache_threads, everything, testing::Values(sharing_mode::partition, sharing_mode::grants),
                         [](auto const& instance) { return instance.param == sharing_mode::grants ? "grants" : "partition"; });

TEST_P(everything, done_by_several_threads_leaves_the_refused_nothing_and_others_all) {
  std::vector<std::thread> threads;
  for (unsigned number = 1; number <= 4; ++number) {
    threads.emplace_back([this, number] {
      std::mt19937 random{number};
      for (int step = 0; step < 5000; ++step) act(random, at(1h + step * 10ms));
    });
  }
  for (auto& one : threads) one.join();
  auto const end = at(1h + 10min);
  for (unsigned call = 0; call < calls; ++call) EXPECT_TRUE(visible.find(key(0, call), instant_of(end)).stored) << call;
  EXPECT_TRUE(visible.is_proved(key(0, 0).owner, end));
  EXPECT_FALSE(visible.is_proved(key(9, 0).owner, end));
  for (unsigned who = 1; who < credentials; ++who) {
    visible.learn_beside(key(who, 0).owner, credential_evidence::accepted, end, end);
    visible.learn_beside(key(who, 0).owner, credential_evidence::refused, end, end);
    EXPECT_FALSE(visible.is_proved(key(who, 0).owner, end));
    for (unsigned call = 0; call < calls; ++call) EXPECT_FALSE(visible.find(key(who, call), instant_of(end)).stored) << who << " " << call;
  }
}

}  // namespace
}  // namespace gateway::authorized_cache_threads_test
