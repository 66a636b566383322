// Mode inject: what is shown of an account whose credential the upstream refuses. By examples, and by random stories of answers, refusals,
// purges and changes beside a small model.
#include "app/state/refused_accounts.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>

#include "app/state/authorized_cache.hpp"

namespace gateway::refused_accounts_test {
namespace {

using namespace std::chrono_literals;
using state = credential_circuit::state;

constexpr short_hash_key table_key{std::byte{2}};

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }
instant both(mono_time moment) { return {moment, wall_time{moment.time_since_epoch()}}; }

cache_key key(unsigned account, unsigned call) {
  partition who;
  who.id[0] = static_cast<std::byte>(account);
  char text[35];
  std::snprintf(text, sizeof text, "CA%032x", call);
  return {who, *call_sid::parse(text), table_key};
}

// The state of the gateway as far as it matters here, and the steps of a fetch.
struct gateway_state {
  struct sent {
    unsigned account, call;
    authorized_cache::asked when;
  };

  sent send(unsigned account, unsigned call, mono_time now) { return {account, call, {all.generation(key(account, call).call), now}}; }

  // True: stored.
  bool answered(const sent& one, mono_time now) {
    auto const own = key(one.account, one.call);
    refused.note_success(own.owner, resource::summary, one.when.at);
    visible.learn(own, credential_evidence::proven, std::nullopt, one.when, now);
    auto made = std::make_shared<entry>();
    made->kind = answer_kind::complete;
    made->asked_at = one.when.at;
    made->stored_at = now;
    made->gone_at = now + 24h;
    made->gone_by = both(made->gone_at).wall;
    return !visible.insert(own, std::move(made), one.when, both(now));
  }
  std::optional<state> refuse(const sent& one, mono_time now, refusal_scope scope = refusal_scope::all, resource what = resource::summary) {
    auto const owner = key(one.account, one.call).owner;
    auto const changed = refused.note_refusal(owner, scope, what, one.when.at, now);
    if (changed == state::doubted) visible.hide(owner, now);
    if (changed == state::refused) visible.refuse(owner, now);
    return changed;
  }
  bool sees(unsigned account, unsigned call, mono_time now) { return visible.find(key(account, call), both(now)).stored != nullptr; }
  void store(unsigned account, unsigned call, mono_time now) { ASSERT_TRUE(answered(send(account, call, now), now)); }

  shared_cache all{{1 << 20, 1 << 20}, table_key};
  refused_accounts refused{backoff_policy{1s, 5s}, 1};
  authorized_cache visible{all, credential_settings(), fingerprint_key{std::byte{1}}, &refused};
};

TEST(refused_accounts, what_is_stored_is_hidden_at_the_first_refusal_and_there_again_after_a_success) {
  gateway_state s;
  s.store(1, 1, at(0s));
  s.store(2, 1, at(0s));
  EXPECT_EQ(s.refuse(s.send(1, 2, at(1s)), at(1s)), state::doubted);
  EXPECT_FALSE(s.sees(1, 1, at(1s)));
  EXPECT_FALSE(s.visible.may_serve(key(1, 1).owner, *s.all.peek(key(1, 1)))) << "a snapshot leaves it out";
  EXPECT_FALSE(s.visible.is_proved(key(1, 1).owner, at(1s)));
  EXPECT_TRUE(s.sees(2, 1, at(1s))) << "another account's";
  EXPECT_EQ(s.refused.count(), 1U);
  EXPECT_TRUE(s.answered(s.send(1, 3, at(2s)), at(2s)));
  EXPECT_TRUE(s.sees(1, 1, at(2s)));
  EXPECT_TRUE(s.visible.is_proved(key(1, 1).owner, at(2s)));
  EXPECT_EQ(s.refused.count(), 0U);
}

TEST(refused_accounts, an_answer_to_an_older_request_proves_nothing_while_the_account_is_refused) {
  gateway_state s;
  auto const older = s.send(1, 1, at(0s));
  s.refuse(s.send(1, 2, at(1s)), at(1s));
  EXPECT_TRUE(s.answered(older, at(2s)));
  EXPECT_FALSE(s.visible.is_proved(key(1, 1).owner, at(2s)));
  EXPECT_FALSE(s.sees(1, 1, at(2s)));
}

TEST(refused_accounts, what_is_stored_is_erased_by_a_second_refusal) {
  gateway_state s;
  s.store(1, 1, at(0s));
  s.refuse(s.send(1, 1, at(1s)), at(1s));
  EXPECT_EQ(s.refuse(s.send(1, 1, at(6s)), at(6s)), state::refused);
  EXPECT_EQ(s.all.peek(key(1, 1)), nullptr);
  s.store(1, 2, at(7s));
  EXPECT_FALSE(s.sees(1, 1, at(8s)));
  EXPECT_TRUE(s.sees(1, 2, at(8s)));
}

TEST(refused_accounts, requests_are_held_back_but_for_probes) {
  gateway_state s;
  auto const owner = key(1, 1).owner;
  EXPECT_TRUE(s.refused.send(owner, resource::summary, at(0s)));
  s.refuse(s.send(1, 1, at(0s)), at(0s));
  EXPECT_TRUE(s.refused.refuses(owner, resource::events, at(500ms))) << "the credential is refused for everything";
  EXPECT_FALSE(s.refused.send(owner, resource::summary, at(500ms)));
  EXPECT_FALSE(s.refused.refuses(key(2, 1).owner, resource::summary, at(500ms)));
  EXPECT_FALSE(s.refused.refuses(owner, resource::summary, at(2s)));
  EXPECT_TRUE(s.refused.send(owner, resource::summary, at(2s)));
  EXPECT_FALSE(s.refused.send(owner, resource::events, at(2s))) << "one probe at a time";
}

TEST(refused_accounts, a_restricted_credential_is_refused_one_kind_of_resource) {
  gateway_state s;
  auto const owner = key(1, 1).owner;
  s.store(1, 1, at(0s));
  s.refuse(s.send(1, 1, at(1s)), at(1s), refusal_scope::kind, resource::events);
  EXPECT_TRUE(s.sees(1, 1, at(1s)));
  EXPECT_TRUE(s.refused.refuses(owner, resource::events, at(1s)));
  EXPECT_FALSE(s.refused.refuses(owner, resource::summary, at(1s)));
  s.refused.note_success(owner, resource::summary, at(2s));
  EXPECT_TRUE(s.refused.refuses(owner, resource::events, at(2s) - 1ns)) << "a summary says nothing of events";
  s.refuse(s.send(1, 1, at(2s)), at(2s), refusal_scope::kind, resource::summary);
  EXPECT_FALSE(s.sees(1, 1, at(2s)));
  EXPECT_EQ(s.refused.count(), 1U) << "one account";
}

TEST(refused_accounts, a_replaced_credential_is_forgotten_and_a_new_secret_is_tried_at_once) {
  gateway_state s;
  auto const owner = key(1, 1).owner;
  s.store(1, 1, at(0s));
  s.refuse(s.send(1, 1, at(1s)), at(1s));
  s.refused.try_now(owner, at(1s));
  EXPECT_TRUE(s.refused.send(owner, resource::summary, at(1s)));
  EXPECT_FALSE(s.sees(1, 1, at(1s))) << "until it is accepted";
  s.refused.keep_only(std::vector{owner});
  EXPECT_EQ(s.refused.count(), 1U);
  s.refused.keep_only({});
  EXPECT_EQ(s.refused.count(), 0U);
  s.refuse(s.send(1, 1, at(2s)), at(2s));
  s.refused.forget(owner);
  EXPECT_EQ(s.refused.count(), 0U);
}

// Each account's circuit (itself tested in core), when its entries were erased, and what is stored of each call.
struct model {
  struct account {
    credential_circuit circuit{backoff_policy{1s, 5s}};
    mono_time erased_at = mono_time::min();
  };
  struct stored {
    mono_time asked_at;
  };
  std::map<unsigned, account> accounts;
  std::map<std::pair<unsigned, unsigned>, stored> entries;

  bool shows(unsigned whose, unsigned call) { return accounts[whose].circuit.is() == state::accepted && entries.contains({whose, call}); }
};

TEST(refused_accounts, random_stories_show_what_the_model_shows) {
  unsigned shown = 0, hidden = 0, erased = 0, again = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    gateway_state s;
    model m;
    auto now = at(0s);
    std::vector<gateway_state::sent> under_way;
    for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
      now += std::chrono::milliseconds{1 + random() % 1200};
      unsigned const account = 1 + random() % 2, call = 1 + random() % 3;
      auto const owner = key(account, call).owner;
      switch (random() % 8) {
        case 0:
        case 1:
        case 2:
          under_way.push_back(s.send(account, call, now));
          break;
        case 3:
        case 4:
        case 5: {
          if (under_way.empty()) break;
          auto const which = under_way.begin() + static_cast<std::ptrdiff_t>(random() % under_way.size());
          auto const one = *which;
          under_way.erase(which);
          auto& its = m.accounts[one.account];
          if (random() % 3 == 0) {
            s.refuse(one, now);
            if (its.circuit.note_refusal(one.when.at, 0, now) && its.circuit.is() == state::refused) {
              its.erased_at = now;
              std::erase_if(m.entries, [&](auto const& known) { return known.first.first == one.account; });
              ++erased;
            }
            break;
          }
          bool const was_hidden = its.circuit.is() != state::accepted;
          if (its.circuit.note_success(one.when.at) && was_hidden) ++again;
          bool const is_new = s.all.generation(key(one.account, one.call).call) == one.when.generation && one.when.at > its.erased_at;
          auto const known = m.entries.find({one.account, one.call});
          bool const newer = known == m.entries.end() || known->second.asked_at < one.when.at;
          s.answered(one, now);
          if (is_new && newer) m.entries[{one.account, one.call}] = {one.when.at};
          break;
        }
        case 6:
          if (random() % 4 != 0) break;
          s.all.purge({key(1, call).call, {}}, purge_depth::hard);
          std::erase_if(m.entries, [&](auto const& known) { return known.first.second == call; });
          break;
        default:
          s.refused.try_now(owner, now);
          m.accounts[account].circuit.try_now(now);
      }
      for (unsigned whose = 1; whose <= 2; ++whose) {
        for (unsigned of = 1; of <= 3; ++of) {
          EXPECT_EQ(s.sees(whose, of, now), m.shows(whose, of)) << "account " << whose << " call " << of << " step " << step;
          if (auto const kept = s.all.peek(key(whose, of))) {
            EXPECT_EQ(s.visible.may_serve(key(whose, of).owner, *kept), m.shows(whose, of)) << "in a snapshot";
            m.shows(whose, of) ? ++shown : ++hidden;
          }
        }
      }
    }
  }
  EXPECT_GT(shown, 5000U);
  EXPECT_GT(hidden, 5000U);
  EXPECT_GT(erased, 100U);
  EXPECT_GT(again, 500U);
}

}  // namespace
}  // namespace gateway::refused_accounts_test
