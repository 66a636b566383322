// The view that one credential has of the cache: a hit is authorised as well as a miss.
//   sharing: partition, or mode inject: an answer is stored under its own credential (or account), and no other credential finds it. The
//   exception: after a key change of one account, the new credential finds what the earlier one fetched, once the upstream has shown that
//   both belong to the same Twilio account.
//   bearer tokens that are JWTs: a summary is stored once for all tokens with the same claims. A token finds it once the upstream has given
//   that very token a 200 about the same account. Other answers stay with their own token.
//   sharing: grants: a body is stored once for all credentials that hold a grant for the account that it names. A credential finds only
//   entries of accounts for which it holds a grant. Other answers (not ready, absent, no account named) stay with their own credential.
// A credential that the upstream refuses loses everything that it proved or fetched before; later proofs count again.
// The class also knows which credentials are proved: an upstream answer has shown that they are valid (core/auth/proofs).
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "app/state/fleet_notices.hpp"
#include "app/state/refused_accounts.hpp"
#include "app/state/shared_cache.hpp"
#include "app/state/shared_refusals.hpp"
#include "core/auth/grants.hpp"
#include "core/auth/proofs.hpp"
#include "core/auth/successions.hpp"
#include "core/settings/settings.hpp"
#include "core/upstream/credential_evidence.hpp"

namespace gateway {

class authorized_cache {
public:
  // `accounts`: mode inject, the accounts that are refused; null: there are none. `sharers`: of the named upstreams.
  authorized_cache(shared_cache& cache, const credential_settings& rules, const fingerprint_key& for_credentials,
                   const refused_accounts* accounts = nullptr, std::vector<digest> sharers = {})
      : cache_(cache),
        accounts_(accounts),
        credential_key_(for_credentials),
        sharers_(std::move(sharers)),
        all_share_(rules.mode == credentials_mode::forward && rules.sharing == sharing_mode::grants),
        proofs_(sharded<proofs>::usual_count, most_proofs_per_shard, rules.proof_lifetime) {
    if (rules.mode == credentials_mode::forward) grants_.emplace(sharded<grant_table>::usual_count, most_grants_per_shard, ttl_of(rules));
  }

  struct found : lru_store::found {
    cache_key at;  // the key under which it is stored
  };
  // `own` is the credential's own key for the call. An empty result does not mean that nothing is stored: the credential may not see it.
  // `by`: as shared_cache has it.
  found find(const cache_key& own, const instant& now, read_table::reader* by = nullptr);
  // The stored answer of the call for any credential. It serves to judge a new answer and must never be sent to a client.
  // `subject`: of the token's claims, if the credential is a JWT. With sharing: grants, all credentials of a named upstream instead.
  [[nodiscard]] entry_ptr peek(const cache_key& own, const std::optional<digest>& subject = {}) const;

  // When a request went upstream, and for which token. A newer purge, refusal or change overrides its answer.
  struct asked {
    std::uint64_t generation = 0;  // of the cache
    mono_time at{};
    std::optional<digest> subject{};  // as in peek()
  };

  // Applies what an upstream answer says of the credential. Call it before insert().
  void learn(const cache_key& own, credential_evidence now_is, const std::optional<account_sid>& account, const asked& when, mono_time now);
  // The same for an answer that is not about a summary.
  void learn_beside(const partition& owner, credential_evidence now_is, mono_time asked_at, mono_time now);
  // Restores the proof of an upstream answer that an earlier process fetched with this credential and that a snapshot holds.
  void learn_restored(const partition& owner, const entry& made);

  // Whether the upstream has shown that this credential is valid. Takes a lock: for misses only.
  [[nodiscard]] bool is_proved(const partition& owner, mono_time now) const;

  // Stores an upstream answer to this credential, or returns why not.
  std::optional<not_stored> insert(const cache_key& own, const entry_ptr& made, const asked& when, const instant& now);

  // Whether an entry of this owner may be served, now or after a restart: it may not if the credential was refused after the fetch.
  [[nodiscard]] bool may_serve(const partition& owner, const entry& stored) const {
    return !refusals_.since(owner, stored.asked_at) && !is_hidden(owner);  // defence: hidden-not-written
  }

  // Mode inject: the account is refused for the first time, and its entries are hidden.
  void hide(const partition& owner, mono_time now) {
    proofs_.with(owner, [&](proofs& one) { one.end(owner, now); });
  }
  // The upstream no longer accepts this credential for any request, so the credential loses access to all that it could see.
  void refuse(const partition& owner, mono_time now);
  // Another gateway of the fleet learnt that.
  void follow_refusal(const partition& owner, mono_time now) { end_access(owner, now); }
  // Whether it was proved once, or has something cached.
  [[nodiscard]] bool knows(const partition& owner) const;
  // Where refusals are told. Set before requests are served; null: there is no fleet.
  void tell_refusals(fleet_notices* to) { notices_ = to; }

  // Removes the stored answer of the call, because it is no longer trusted.
  void withdraw(const cache_key& own, const std::optional<digest>& subject = {});

  // Notes an exchange by this credential that brought nothing to store. It affects only entries that this credential may see.
  void note_answer(const cache_key& own, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& own, processing_state wanted, mono_time now);
  // This credential received a complete summary that is not stored: no older one may be stored after it.
  void note_newer(const cache_key& own, const asked& when);

  // Sharing: grants. Whether this entry is for all credentials that hold a grant.
  [[nodiscard]] bool is_for_all(const partition& owner, const entry& stored) const {
    if (!stored.account) return false;
    auto const is_theirs = [&](const digest& all) { return owner == subject_partition(all, *stored.account, credential_key_); };
    return owner == shared_partition(*stored.account, credential_key_) || std::ranges::any_of(sharers_, is_theirs);
  }

  // The partitions whose summaries the credential may see: its own, and those of accounts that it used a grant for lately.
  [[nodiscard]] std::vector<partition> owners_seen(const partition& owner, mono_time now);
  // Where a summary that this credential fetched is stored for all with a grant for its account; nothing if it is not.
  [[nodiscard]] std::optional<partition> partition_for_all(const entry& made, const std::optional<digest>& subject) const {
    return made.account ? partition_for(*made.account, subject) : std::nullopt;
  }

  // The same if sharing were grants.
  [[nodiscard]] std::optional<partition> partition_with_grants(const entry& made, const std::optional<digest>& subject) const {
    if (!made.account || !grants_) return std::nullopt;
    return subject ? subject_partition(*subject, *made.account, credential_key_) : shared_partition(*made.account, credential_key_);
  }

  // Mode inject: sets the current and former credentials of all accounts, before any request uses the new ones.
  void succeed(std::span<const succession> all);

  // Applies new settings.
  void take_over(const credential_settings& rules) {
    if (grants_) grants_->each([&](grant_table& one) { one.set_ttl(ttl_of(rules)); });
    proofs_.each([&](proofs& one) { one.set_lifetime(rules.proof_lifetime); });
  }
  [[nodiscard]] std::uint64_t grant_count() const { return grants_ ? grants_->size() : 0; }
  // The credentials with a grant for one account. Linear: for operators.
  [[nodiscard]] std::size_t grant_holders(const account_sid& whose, mono_time now) const {
    std::size_t sum = 0;
    if (grants_) grants_->each([&](const grant_table& one) { sum += one.holders(whose, now); });
    return sum;
  }

private:
  // Calls note(key) for each key under which the credential may see an entry of the call.
  template <class Note>
  void where_it_sees(const cache_key& own, mono_time now, Note&& note);
  // Calls `look` with the call's key under each account that the credential has a grant for, until `look` returns true.
  template <class Look>
  void look_where_granted(const cache_key& own, mono_time now, Look&& look);
  // The copy of a call for all credentials with a grant.
  struct copy {
    partition at;
    entry_ptr stored;
  };
  [[nodiscard]] std::optional<copy> copy_for_all(const cache_key& own, const std::optional<digest>& subject) const;
  [[nodiscard]] std::optional<partition> partition_for(const account_sid& whose, const std::optional<digest>& subject) const {
    if (grants_ && subject) return subject_partition(*subject, whose, credential_key_);
    return all_share_ ? std::optional{shared_partition(whose, credential_key_)} : std::nullopt;
  }
  // A token ends before that: by its own word (identity::has_expired), or by a refusal.
  static std::chrono::nanoseconds ttl_of(const credential_settings& rules) {
    return rules.sharing == sharing_mode::grants ? rules.grant_ttl : std::chrono::hours{24};
  }
  // Without a grant there is nothing to look for: lookups of other credentials take no lock for it.
  [[nodiscard]] bool looks_by_grants() const { return grants_ && any_grants_.load(std::memory_order_acquire); }

  // The keys under which earlier credentials of the account stored their copies of a call.
  [[nodiscard]] std::vector<cache_key> keys_before(const cache_key& own) const;
  [[nodiscard]] bool inherits(const cache_key& at, const partition& owner, const entry& stored) const;
  [[nodiscard]] bool is_shown(const partition& owner, const account_sid& whose) const;
  void inherit(const cache_key& own, const account_sid& whose, mono_time asked_at);
  void disinherit(const cache_key& own);

  void prove(const partition& owner, mono_time asked_at);
  // False: the credential was not known.
  bool end_access(const partition& owner, mono_time now);
  [[nodiscard]] bool is_hidden(const partition& owner) const { return accounts_ != nullptr && accounts_->hides(owner); }

  // 65,536 in all, 6 MB at most. A forgotten credential is proved again by its next exchange.
  static constexpr std::size_t most_proofs_per_shard = 4096;
  // 65,536 in all, 10 MB at most: more pairs of credential and account than any deployment has. A missing grant costs one upstream call.
  static constexpr std::size_t most_grants_per_shard = 4096;

  shared_cache& cache_;
  const refused_accounts* accounts_;
  fleet_notices* notices_ = nullptr;
  fingerprint_key credential_key_;
  std::vector<digest> sharers_;
  bool all_share_;  // sharing: grants
  sharded<proofs> proofs_;
  shared_refusals refusals_;
  std::optional<sharded<grant_table>> grants_;  // mode forward
  std::atomic<bool> any_grants_{false};
  mutable std::mutex successions_mutex_;
  successions successions_;                   // protected by successions_mutex_
  std::atomic<bool> any_successions_{false};  // false: the mutex is not taken
};

}  // namespace gateway
