// What a credential finds in the cache at each moment: only what the upstream would have shown to that very credential.
#include "app/state/authorized_cache.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "cache/entries.hpp"

namespace gateway::authorized_cache_test {
namespace {

using namespace std::chrono_literals;

constexpr fingerprint_key credential_key{std::byte{1}};
constexpr short_hash_key table_key{std::byte{2}};

cache_key key(unsigned credential, unsigned call) {
  partition who;
  who.id[0] = static_cast<std::byte>(credential);
  return {who, call_number(call), table_key};
}

credential_settings with(sharing_mode sharing) {
  credential_settings rules;
  rules.sharing = sharing;
  return rules;
}

// The gateway's cache, and upstream answers as fetches bring them.
struct memory {
  explicit memory(sharing_mode sharing) : visible(all, with(sharing), credential_key) {}

  void summary(unsigned credential, unsigned call, std::optional<account_sid> whose, mono_time asked_at, mono_time now) {
    authorized_cache::asked const when{all.generation(key(credential, call).call), asked_at};
    visible.learn(key(credential, call), credential_evidence::proven, whose, when, now);
    visible.insert(key(credential, call), made_answer(answer_kind::complete, whose, asked_at, now), when, instant_of(now));
  }
  void partial(unsigned credential, unsigned call, account_sid whose, mono_time now) {
    visible.learn(key(credential, call), credential_evidence::proven, whose, {all.generation(key(credential, call).call), now}, now);
  }
  void not_ready(unsigned credential, unsigned call, mono_time asked_at, mono_time now) {
    visible.insert(key(credential, call), made_answer(answer_kind::not_ready, std::nullopt, asked_at, now),
                   {all.generation(key(credential, call).call), asked_at}, instant_of(now));
  }
  // The credential is valid, and nothing is stored.
  void proved(unsigned credential, mono_time now) {
    visible.learn_beside(key(credential, 0).owner, credential_evidence::accepted, now, now);
  }
  void refused(unsigned credential, unsigned call, credential_evidence how, mono_time now) {
    visible.learn(key(credential, call), how, std::nullopt, {all.generation(key(credential, call).call), now}, now);
  }
  bool sees(unsigned credential, unsigned call, mono_time now) {
    return visible.find(key(credential, call), instant_of(now)).stored != nullptr;
  }

  bool has_for_all(unsigned call, account_sid whose, mono_time now) {
    return all.find({shared_partition(whose, credential_key), key(0, call).call, table_key}, instant_of(now)).stored != nullptr;
  }

  shared_cache all{{1 << 20, 1 << 20}, table_key};
  authorized_cache visible;
};

class every_mode : public testing::TestWithParam<sharing_mode> {};
INSTANTIATE_TEST_SUITE_P(authorized_cache, every_mode, testing::Values(sharing_mode::partition, sharing_mode::grants),
                         [](auto const& instance) { return instance.param == sharing_mode::grants ? "grants" : "partition"; });

TEST_P(every_mode, a_credential_sees_what_it_fetched_and_a_stranger_does_not) {
  memory m{GetParam()};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  m.not_ready(1, 2, at(0s), at(0s));
  EXPECT_TRUE(m.sees(1, 1, at(1s)));
  EXPECT_TRUE(m.sees(1, 2, at(1s)));
  EXPECT_FALSE(m.sees(2, 1, at(1s)));
  EXPECT_FALSE(m.sees(2, 2, at(1s)));
}

TEST_P(every_mode, a_refused_credential_sees_nothing_of_before) {
  memory m{GetParam()};
  for (unsigned call = 1; call <= 3; ++call) m.summary(1, call, account_number(1), at(0s), at(0s));
  m.not_ready(1, 4, at(0s), at(0s));
  m.summary(2, 5, account_number(1), at(0s), at(0s));
  m.refused(1, 3, credential_evidence::refused, at(1s));
  for (unsigned call = 1; call <= 4; ++call) EXPECT_FALSE(m.sees(1, call, at(2s))) << call;
  EXPECT_TRUE(m.sees(2, 5, at(2s))) << "another credential of the account";
  m.summary(1, 1, account_number(1), at(3s), at(3s));
  EXPECT_TRUE(m.sees(1, 1, at(4s))) << "what it proves anew";
}

// A grant may outlive the proof of its credential, because the table of proofs is bounded.
TEST_P(every_mode, a_refusal_ends_what_a_forgotten_credential_was_granted) {
  memory m{GetParam()};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  for (std::uint64_t number = 1; number <= 70'000; ++number) {
    partition other;
    auto const bits = number * 0x9e3779b97f4a7c15;  // spread over all shards
    std::memcpy(other.id.data(), &bits, sizeof bits);
    m.visible.learn_beside(other, credential_evidence::accepted, at(1s), at(1s));
  }
  ASSERT_FALSE(m.visible.is_proved(key(1, 1).owner, at(2s)));
  m.refused(1, 2, credential_evidence::refused, at(2s));
  EXPECT_FALSE(m.sees(1, 1, at(3s)));
}

TEST_P(every_mode, an_answer_under_way_while_its_credential_is_refused_gives_nothing) {
  memory m{GetParam()};
  m.proved(1, at(0s));
  m.refused(1, 9, credential_evidence::refused, at(2s));
  m.summary(1, 1, account_number(1), at(1s), at(3s));
  m.not_ready(1, 2, at(1s), at(3s));
  EXPECT_FALSE(m.sees(1, 1, at(4s)));
  EXPECT_FALSE(m.sees(1, 2, at(4s)));
}

TEST_P(every_mode, a_refused_call_is_gone_and_other_accounts_stay) {
  memory m{GetParam()};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  m.summary(1, 2, account_number(2), at(0s), at(0s));
  m.refused(1, 1, credential_evidence::call_refused, at(1s));
  EXPECT_FALSE(m.sees(1, 1, at(1s)));
  EXPECT_TRUE(m.sees(1, 2, at(1s)));
}

TEST_P(every_mode, a_body_that_names_no_account_is_its_fetchers_alone) {
  memory m{GetParam()};
  m.summary(2, 9, account_number(1), at(0s), at(0s));
  m.summary(1, 1, std::nullopt, at(0s), at(0s));
  EXPECT_TRUE(m.sees(1, 1, at(1s)));
  EXPECT_FALSE(m.sees(2, 1, at(1s)));
}

TEST_P(every_mode, a_changed_call_waits_for_the_upstream_whoever_reads_it) {
  memory m{GetParam()};
  auto const looks = [&](unsigned credential, unsigned call, mono_time now) {
    return m.visible.find(key(credential, call), instant_of(now));
  };
  for (unsigned const credential : {1U, 2U}) m.summary(credential, 1, account_number(1), at(0s), at(0s));
  m.summary(1, 2, account_number(1), at(0s), at(0s));
  m.all.note_change(key(1, 1).call);
  for (unsigned const credential : {1U, 2U}) {
    auto const found = looks(credential, 1, at(1s));
    EXPECT_TRUE(found.stored && found.purged) << "kept for the case that the upstream fails";
  }
  for (unsigned const credential : {1U, 2U}) {
    m.summary(credential, 1, account_number(1), at(1s), at(2s));
    EXPECT_FALSE(looks(credential, 1, at(3s)).purged) << "what was fetched since then counts";
  }
  EXPECT_FALSE(looks(1, 2, at(1s)).purged) << "another call is as it was";
}

TEST_P(every_mode, what_was_fetched_while_its_call_was_changed_is_not_stored) {
  memory m{GetParam()};
  authorized_cache::asked const when{m.all.generation(key(1, 1).call), at(0s)};
  authorized_cache::asked const of_another{m.all.generation(key(1, 2).call), at(0s)};
  m.all.note_change(key(1, 1).call);
  m.visible.learn(key(1, 1), credential_evidence::proven, account_number(1), when, at(1s));
  EXPECT_EQ(m.visible.insert(key(1, 1), made_answer(answer_kind::complete, account_number(1), at(0s), at(1s)), when, instant_of(at(1s))),
            not_stored::overtaken);
  EXPECT_EQ(
      m.visible.insert(key(1, 2), made_answer(answer_kind::complete, account_number(1), at(0s), at(1s)), of_another, instant_of(at(1s))),
      std::nullopt);
}

// --- proofs

TEST_P(every_mode, a_credential_is_proved_by_what_only_an_authenticated_request_gets) {
  memory m{GetParam()};
  auto const proved = [&](unsigned who, mono_time now) { return m.visible.is_proved(key(who, 1).owner, now); };
  m.refused(1, 1, credential_evidence::unchanged, at(0s));
  EXPECT_FALSE(proved(1, at(0s)));
  m.refused(1, 1, credential_evidence::accepted, at(1s));
  m.refused(2, 1, credential_evidence::call_refused, at(1s));
  m.summary(3, 1, account_number(1), at(1s), at(2s));
  m.visible.learn_beside(key(4, 1).owner, credential_evidence::accepted, at(1s), at(2s));
  for (unsigned who = 1; who <= 4; ++who) {
    EXPECT_TRUE(proved(who, at(2s))) << who;
    EXPECT_TRUE(proved(who, at(24h))) << who;
    EXPECT_FALSE(proved(who, at(24h + 1s))) << who << ": a day after its question";
  }
  EXPECT_FALSE(proved(5, at(2s)));
  m.refused(1, 1, credential_evidence::refused, at(3s));
  m.visible.learn_beside(key(4, 1).owner, credential_evidence::refused, at(2s), at(3s));
  for (unsigned const who : {1U, 4U}) {
    EXPECT_FALSE(proved(who, at(3s))) << who;
    m.visible.learn_beside(key(who, 1).owner, credential_evidence::accepted, at(3s), at(4s));
    EXPECT_FALSE(proved(who, at(4s))) << "asked no later than it was refused";
    m.visible.learn_beside(key(who, 1).owner, credential_evidence::accepted, at(3s + 1ns), at(5s));
    EXPECT_TRUE(proved(who, at(5s)));
  }
  EXPECT_TRUE(proved(2, at(3s))) << "others' refusals are theirs";
}

TEST_P(every_mode, an_entry_from_a_snapshot_proves_its_owner_from_when_it_was_stored) {
  memory m{GetParam()};
  m.visible.learn_restored(key(1, 1).owner, *made_answer(answer_kind::complete, account_number(1), at(-23h), at(-23h)));
  EXPECT_TRUE(m.visible.is_proved(key(1, 1).owner, at(1h - 1s)));
  EXPECT_FALSE(m.visible.is_proved(key(1, 1).owner, at(1h)));
  auto const for_all = shared_partition(account_number(1), credential_key);
  m.visible.learn_restored(for_all, *made_answer(answer_kind::complete, account_number(1), at(0s), at(0s)));
  EXPECT_FALSE(m.visible.is_proved(for_all, at(1s))) << "nobody's credential";
}

TEST(proofs_in_the_cache, last_as_long_as_the_settings_of_now_say) {
  auto rules = with(sharing_mode::partition);
  rules.proof_lifetime = 1h;
  shared_cache all{{1 << 20, 1 << 20}, table_key};
  authorized_cache visible{all, rules, credential_key};
  visible.learn_beside(key(1, 1).owner, credential_evidence::accepted, at(0s), at(0s));
  EXPECT_FALSE(visible.is_proved(key(1, 1).owner, at(1h)));
  rules.proof_lifetime = 2h;
  visible.take_over(rules);
  EXPECT_TRUE(visible.is_proved(key(1, 1).owner, at(1h)));
}

TEST(grants_in_the_cache, let_a_credential_see_what_another_fetched_of_an_account_it_was_shown) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  EXPECT_FALSE(m.sees(2, 1, at(0s)));
  m.summary(2, 2, account_number(1), at(1s), at(1s));
  EXPECT_TRUE(m.sees(2, 1, at(2s))) << "shown another call of that account";
  EXPECT_TRUE(m.sees(1, 2, at(2s)));
  EXPECT_EQ(m.all.counts().entries, 2U) << "each body once";
  m.partial(3, 7, account_number(1), at(2s));
  EXPECT_TRUE(m.sees(3, 1, at(3s))) << "a partial names its account, too";
  m.partial(4, 8, account_number(2), at(2s));
  EXPECT_FALSE(m.sees(4, 1, at(3s))) << "another account's";
}

TEST(grants_in_the_cache, end_after_their_time_for_the_fetcher_as_well) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(10s));
  EXPECT_TRUE(m.sees(1, 1, at(5min - 1s)));
  EXPECT_FALSE(m.sees(1, 1, at(5min))) << "counted from the question, not from the answer";
}

TEST(grants_in_the_cache, a_refused_call_takes_the_grant_of_its_account) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  m.summary(2, 2, account_number(1), at(0s), at(0s));
  m.refused(1, 2, credential_evidence::call_refused, at(1s));
  EXPECT_FALSE(m.sees(1, 1, at(1s))) << "whose call it was another credential's body told";
  EXPECT_TRUE(m.sees(2, 1, at(1s)));
}

TEST(grants_in_the_cache, what_upstream_says_to_a_stranger_says_nothing_about_a_shared_body) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  m.refused(2, 1, credential_evidence::call_refused, at(1s));
  auto const failed_at = [&] { return m.visible.find(key(1, 1), instant_of(at(2s))).failed_at; };
  m.visible.note_failure(key(2, 1), processing_state::absent, at(1s));
  EXPECT_FALSE(failed_at());
  m.visible.note_failure(key(1, 1), processing_state::absent, at(2s));
  EXPECT_EQ(failed_at(), at(2s));
  entry newer;
  newer.status = 404;
  newer.asked_at = at(3s);
  m.visible.note_answer(key(2, 1), {newer, processing_state::absent}, at(3s));
  EXPECT_FALSE(m.visible.find(key(1, 1), instant_of(at(3s))).purged);
  m.visible.note_answer(key(1, 1), {newer, processing_state::absent}, at(3s));
  EXPECT_TRUE(m.visible.find(key(1, 1), instant_of(at(3s))).purged);
}

// A lookup of a copy takes time and moves the copy to the front of the order of use.
TEST(grants_in_the_cache, nobody_touches_what_no_grant_of_theirs_is_for) {
  auto const evicted_after = [](auto&& look) {
    memory m{sharing_mode::grants};
    m.summary(2, 1, account_number(1), at(0s), at(0s));
    m.summary(2, 2, account_number(1), at(0s), at(0s));
    m.partial(3, 9, account_number(2), at(0s));
    look(m);
    m.all.set_limits({m.all.counts().bytes - 1, 1 << 20});
    return m.has_for_all(1, account_number(1), at(2s)) ? 2 : 1;
  };
  EXPECT_EQ(evicted_after([](memory& m) { m.sees(2, 1, at(1s)); }), 2) << "its own: used, so the other one goes";
  EXPECT_EQ(evicted_after([](memory& m) { m.sees(1, 1, at(1s)); }), 1) << "an invented credential";
  EXPECT_EQ(evicted_after([](memory& m) { m.sees(3, 1, at(1s)); }), 1) << "a grant for another account";
}

TEST(grants_in_the_cache, a_credential_of_many_accounts_finds_each_of_them) {
  memory m{sharing_mode::grants};
  for (unsigned call = 1; call <= 100; ++call) m.summary(1, call, account_number(call), at(0s), at(0s));
  for (unsigned call = 1; call <= 100; ++call) EXPECT_TRUE(m.sees(1, call, at(1s))) << call;
}

TEST(grants_in_the_cache, a_copy_under_another_account_is_found_to_judge_a_new_answer_and_goes_with_it) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  auto const kept = m.visible.peek(key(2, 1));
  ASSERT_TRUE(kept && kept->account == account_number(1));
  m.summary(2, 1, account_number(2), at(0s), at(1s));  // stored by a fetch that had not seen the copy
  m.visible.withdraw(key(3, 1));
  EXPECT_EQ(m.all.counts().entries, 0U);
}

TEST(grants_in_the_cache, what_is_withdrawn_is_nobodys_any_more) {
  memory m{sharing_mode::grants};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  EXPECT_NE(m.visible.peek(key(2, 1)), nullptr) << "a new answer is judged by what others were told, too";
  m.visible.withdraw(key(2, 1));
  EXPECT_FALSE(m.sees(1, 1, at(1s)));
}

TEST_P(every_mode, a_refused_credential_s_own_entries_leave_memory_at_once) {
  memory m{GetParam()};
  for (unsigned call = 1; call <= 3; ++call) m.not_ready(1, call, at(0s), at(0s));
  m.not_ready(2, 4, at(0s), at(0s));
  m.refused(1, 9, credential_evidence::refused, at(1s));
  EXPECT_EQ(m.all.counts().entries, 1U);
  EXPECT_EQ(m.all.counts().evictions[static_cast<std::size_t>(eviction::revoked)], 3U);
}

// Between the check of the refusals and the insertion of an answer, another worker may note a refusal: no request may find the answer then.
TEST_P(every_mode, what_slips_into_the_cache_while_its_credential_is_refused_is_out_of_reach) {
  memory m{GetParam()};
  m.proved(1, at(0s));
  m.refused(1, 9, credential_evidence::refused, at(1s));
  auto const generation = m.all.generation(key(1, 1).call);
  ASSERT_EQ(m.all.insert(key(1, 1), made_answer(answer_kind::not_ready, std::nullopt, at(0s), at(2s)), generation, instant_of(at(1s))),
            std::nullopt);
  EXPECT_FALSE(m.sees(1, 1, at(2s)));
}

// An answer that was requested before its credential was refused and stored afterwards does not count as later than the refusal.
TEST_P(every_mode, what_was_asked_before_a_refusal_and_filed_after_it_is_out_of_reach) {
  memory m{GetParam()};
  m.proved(1, at(0s));
  m.refused(1, 9, credential_evidence::refused, at(200s));
  auto const made = made_answer(answer_kind::not_ready, std::nullopt, at(100s), at(205s));
  ASSERT_EQ(m.all.insert(key(1, 1), made, m.all.generation(key(1, 1).call), instant_of(at(205s))), std::nullopt);
  EXPECT_FALSE(m.sees(1, 1, at(206s)));
  EXPECT_FALSE(m.visible.may_serve(key(1, 1).owner, *made)) << "nor does it go into a snapshot";
  m.not_ready(1, 1, at(201s), at(207s));
  EXPECT_TRUE(m.sees(1, 1, at(208s)));
}

TEST_P(every_mode, an_invalidation_is_of_one_credential_s_entry_alone) {
  memory m{GetParam()};
  for (unsigned const credential : {1U, 2U}) m.not_ready(credential, 1, at(0s), at(0s));
  m.not_ready(1, 2, at(0s), at(0s));
  m.all.invalidate(key(1, 1), at(5s));
  EXPECT_TRUE(m.visible.find(key(1, 1), instant_of(at(5s))).purged);
  EXPECT_FALSE(m.visible.find(key(2, 1), instant_of(at(5s))).purged);
  EXPECT_FALSE(m.visible.find(key(1, 2), instant_of(at(5s))).purged);
  m.not_ready(1, 1, at(4s), at(6s));
  EXPECT_TRUE(m.visible.find(key(1, 1), instant_of(at(6s))).purged) << "what was under way then is not kept";
  m.not_ready(2, 1, at(4s), at(6s));
  EXPECT_FALSE(m.visible.find(key(2, 1), instant_of(at(6s))).purged);
  m.not_ready(1, 1, at(6s), at(7s));
  EXPECT_FALSE(m.visible.find(key(1, 1), instant_of(at(7s))).purged);
}

// A client was given version 2, which is not stored, while version 1 was still under way.
TEST_P(every_mode, no_older_answer_is_stored_once_a_newer_one_was_given) {
  memory m{GetParam()};
  m.partial(1, 1, account_number(1), at(0s));
  m.visible.note_newer(key(1, 1), {0, at(2s)});
  m.summary(1, 1, account_number(1), at(1s), at(3s));
  EXPECT_FALSE(m.sees(1, 1, at(3s)));
  m.summary(1, 1, account_number(1), at(2s), at(4s));
  EXPECT_TRUE(m.sees(1, 1, at(4s)));
}

TEST(partitions_in_the_cache, are_never_shared) {
  memory m{sharing_mode::partition};
  m.summary(1, 1, account_number(1), at(0s), at(0s));
  m.summary(2, 2, account_number(1), at(0s), at(0s));
  EXPECT_FALSE(m.sees(2, 1, at(1s)));
}

// --- mode inject: an account's file contains another key

// 1 is the earlier key, 2 the later one.
struct changed_key : testing::Test {
  changed_key() {
    for (unsigned call = 1; call <= 3; ++call) m.summary(1, call, account_number(1), at(0s), at(0s));
  }
  void change(unsigned now, unsigned before) {
    succession const one{key(now, 0).owner, key(before, 0).owner};
    m.visible.succeed({&one, 1});
  }
  memory m{sharing_mode::partition};
};

TEST_F(changed_key, hides_what_the_one_before_was_given_until_upstream_shows_it_the_same_account) {
  change(2, 1);
  EXPECT_FALSE(m.sees(2, 1, at(1s)));
  m.not_ready(2, 9, at(1s), at(1s));
  m.refused(2, 8, credential_evidence::accepted, at(1s));
  m.summary(2, 7, std::nullopt, at(1s), at(1s));
  EXPECT_FALSE(m.sees(2, 1, at(2s))) << "none of these names an account";
  m.summary(2, 4, account_number(1), at(2s), at(3s));
  for (unsigned call = 1; call <= 4; ++call) EXPECT_TRUE(m.sees(2, call, at(4s))) << call;
  EXPECT_EQ(m.visible.find(key(2, 1), instant_of(at(4s))).at, key(1, 1)) << "where its refresh is claimed";
  m.visible.note_failure(key(2, 1), processing_state::absent, at(5s));
  EXPECT_TRUE(m.visible.find(key(2, 1), instant_of(at(5s))).failed_at);
  change(3, 2);
  for (unsigned call = 1; call <= 4; ++call) EXPECT_FALSE(m.sees(3, call, at(6s))) << call;
  m.partial(3, 9, account_number(1), at(6s));
  for (unsigned call = 1; call <= 4; ++call) EXPECT_TRUE(m.sees(3, call, at(7s))) << call;
  change(1, 3);
  EXPECT_TRUE(m.sees(1, 1, at(8s))) << "back again: that was told to this very key";
}

TEST_F(changed_key, erases_what_the_one_before_was_given_when_upstream_shows_it_another_account) {
  change(2, 1);
  m.summary(2, 9, account_number(2), at(1s), at(2s));
  EXPECT_EQ(m.all.counts().entries, 1U);
  m.partial(2, 4, account_number(1), at(3s));
  EXPECT_FALSE(m.sees(2, 1, at(4s)));
  m.summary(1, 5, account_number(1), at(0s), at(4s));  // requested with the old key, and late
  EXPECT_FALSE(m.sees(2, 5, at(5s)));
}

TEST_F(changed_key, of_a_parent_shows_each_account_when_upstream_has_shown_it) {
  m.summary(1, 11, account_number(2), at(0s), at(0s));
  change(2, 1);
  m.partial(2, 20, account_number(3), at(1s));
  EXPECT_FALSE(m.sees(2, 1, at(2s)) || m.sees(2, 11, at(2s)));
  m.partial(2, 21, account_number(2), at(2s));
  EXPECT_TRUE(m.sees(2, 11, at(3s)));
  EXPECT_FALSE(m.sees(2, 1, at(3s)));
  m.refused(2, 11, credential_evidence::call_refused, at(4s));
  EXPECT_FALSE(m.sees(2, 11, at(5s)));
  m.partial(2, 22, account_number(1), at(5s));
  EXPECT_TRUE(m.sees(2, 1, at(6s)));
  m.refused(2, 22, credential_evidence::refused, at(7s));
  EXPECT_FALSE(m.sees(2, 1, at(8s)));
}

TEST_F(changed_key, that_contradicts_the_one_before_is_noticed) {
  change(2, 1);
  auto const kept = m.visible.peek(key(2, 1));
  ASSERT_TRUE(kept && kept->account == account_number(1));
  m.visible.withdraw(key(2, 1));
  EXPECT_EQ(m.visible.peek(key(2, 1)), nullptr);
}

// --- unknown credentials

// A random credential of no account.
partition invented(std::mt19937_64& random) {
  partition who;
  for (auto& byte : who.id) byte = static_cast<std::byte>(random());
  return who;
}

TEST_P(every_mode, invented_credentials_that_are_refused_cost_nobody_anything) {
  memory m{GetParam()};
  for (unsigned call = 0; call < 115; ++call) m.summary(call % 23, call, account_number(call % 23), at(0s), at(0s));
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    auto const who = invented(random);
    m.visible.learn({who, key(0, 1).call, table_key}, credential_evidence::refused, std::nullopt, {0, at(1s)}, at(2s));
    ASSERT_FALSE(m.visible.is_proved(who, at(2s)));
  }
  for (unsigned call = 0; call < 115; ++call) {
    ASSERT_TRUE(m.sees(call % 23, call, at(3s))) << call;
    ASSERT_TRUE(m.visible.is_proved(key(call % 23, call).owner, at(3s))) << call;
  }
}

TEST_P(every_mode, a_refused_credential_is_noted_while_it_has_anything_to_lose) {
  auto const late = [&](memory& m) {
    m.not_ready(1, 5, at(9s), at(11s));  // requested before it was refused
    return m.sees(1, 5, at(12s));
  };
  memory unknown{GetParam()};
  unknown.refused(1, 1, credential_evidence::refused, at(10s));
  EXPECT_TRUE(late(unknown)) << "it had nothing to lose: what is unproved has one exchange under way, and nothing is late";
  memory with_proof{GetParam()};
  with_proof.proved(1, at(0s));
  with_proof.refused(1, 1, credential_evidence::refused, at(10s));
  EXPECT_FALSE(late(with_proof));
  memory with_entry{GetParam()};
  with_entry.not_ready(1, 1, at(0s), at(0s));
  with_entry.refused(1, 1, credential_evidence::refused, at(10s));
  EXPECT_FALSE(late(with_entry));
  memory with_old_proof{GetParam()};
  with_old_proof.proved(1, at(-25h));
  with_old_proof.refused(1, 1, credential_evidence::refused, at(10s));
  EXPECT_FALSE(late(with_old_proof));
}

// Random histories of three credentials, three accounts and nine calls, compared with what the upstream has shown to each credential.
// Answers come late, except for a credential that was unproved when it was refused: it had only one exchange under way.
TEST_P(every_mode, random_histories_show_exactly_what_upstream_showed) {
  constexpr unsigned credentials = 3, accounts = 3, calls = 9;
  auto const ttl = with(GetParam()).grant_ttl;
  std::uint64_t seen = 0, hidden = 0;
  for (unsigned seed = 1; seed <= 500; ++seed) {
    std::mt19937 random{seed};
    memory m{GetParam()};
    auto now = at(0s);
    bool known[credentials] = {};  // proved, or the owner of entries
    mono_time alone_until[credentials] = {}, proved[credentials] = {};
    mono_time refused[credentials] = {}, refused_account[credentials][accounts] = {};
    mono_time shown_call[credentials][calls] = {}, shown_account[credentials][accounts] = {};
    for (int step = 0; step < 100; ++step) {
      now += std::chrono::seconds{1 + random() % 20};
      unsigned const who = random() % credentials, call = random() % calls, whose = call % accounts;
      switch (random() % 8) {
        case 0:
        case 1: {
          auto asked = now - std::chrono::seconds{random() % 15};
          if (asked > refused[who]) {
            known[who] = true;
            asked = std::max(asked, alone_until[who] + 1ns);
            proved[who] = std::max(proved[who], asked);
          }
          m.summary(who, call, account_number(whose), asked, now);
          shown_call[who][call] = std::max(shown_call[who][call], asked);
          shown_account[who][whose] = std::max(shown_account[who][whose], asked);
          break;
        }
        case 2:
          if (random() % 3 != 0) break;
          m.refused(who, call, credential_evidence::refused, now);
          (std::exchange(known[who], false) ? refused : alone_until)[who] = now;
          break;
        case 3:
          if (random() % 3 != 0) break;
          m.refused(who, call, credential_evidence::call_refused, now);
          known[who] = true;
          proved[who] = now;
          shown_call[who][call] = {};
          if (m.has_for_all(call, account_number(whose), now)) refused_account[who][whose] = now;
          break;
        default: {
          bool const by_call = shown_call[who][call] > refused[who];
          bool const by_account =
              shown_account[who][whose] > std::max(refused[who], refused_account[who][whose]) && now - shown_account[who][whose] < ttl;
          bool const may = GetParam() == sharing_mode::grants ? by_account && m.has_for_all(call, account_number(whose), now) : by_call;
          ASSERT_EQ(m.sees(who, call, now), may) << "seed " << seed << " step " << step << ": credential " << who << " call " << call;
          ++(may ? seen : hidden);
          ASSERT_EQ(m.visible.is_proved(key(who, call).owner, now), proved[who] > refused[who]) << "seed " << seed << " step " << step;
        }
      }
    }
  }
  EXPECT_GT(seen, 1000U) << "or the test shows nothing";
  EXPECT_GT(hidden, 1000U);
}

}  // namespace
}  // namespace gateway::authorized_cache_test
