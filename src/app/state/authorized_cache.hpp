// The cache as one credential may see it, so that a hit is as well authorised as a miss.
//   sharing: partition, or mode inject: an answer is stored under its own credential (or account), and no other credential finds it. The
//       exception: after a key change of one account, the new credential finds what the earlier one fetched, once the upstream has shown
//       that both belong to the same Twilio account.
//   sharing: grants: a body is stored once for all credentials that hold a grant for the account that it names. A credential looks only
//       where its grants say. Other answers (not ready, absent, no account named) stay with their own credential.
// A credential that the upstream refuses loses all that it proved or fetched before; what it proves afterwards counts again.
// The class also knows which credentials are proved: an answer of the upstream has shown that they are valid (core/auth/proofs).
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <atomic>
#include <mutex>

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
  authorized_cache(shared_cache& cache, const credential_settings& rules, const fingerprint_key& for_credentials)
      : cache_(cache),
        credential_key_(for_credentials),
        proofs_(sharded<proofs>::usual_count, most_proofs_per_shard, rules.proof_lifetime) {
    if (rules.mode == credentials_mode::forward && rules.sharing == sharing_mode::grants)
      grants_.emplace(sharded<grant_table>::usual_count, most_grants_per_shard, rules.grant_ttl);
  }

  struct found : lru_store::found {
    cache_key at;  // where it is filed
  };
  // `own` is the credential's own key for the call. To find nothing says nothing: there may be a body that it may not see.
  found find(const cache_key& own, const instant& now);
  // The stored answer of the call, whichever credential may see it: to judge a new answer by, never to be given to a client.
  [[nodiscard]] entry_ptr peek(const cache_key& own) const;

  // The moment a request went upstream, as far as it decides what its answer may change.
  struct asked {
    std::uint64_t generation = 0;  // of the cache
    mono_time at{};
  };

  // What upstream said about the credential itself. Before insert().
  void learn(const cache_key& own, credential_evidence now_is, const std::optional<account_sid>& account, const asked& when, mono_time now);
  // The same of an answer about something else than a summary.
  void learn_beside(const partition& owner, credential_evidence now_is, mono_time asked_at, mono_time now);
  // An answer that upstream gave to this credential in an earlier life has come back from a snapshot.
  void learn_restored(const partition& owner, const entry& made);

  // Has the upstream shown that this credential is valid? Takes a lock: for misses only.
  [[nodiscard]] bool is_proved(const partition& owner, mono_time now) const;

  // Files an answer that upstream gave to this credential, or says why not.
  std::optional<not_stored> insert(const cache_key& own, entry_ptr made, const asked& when, const instant& now);

  // May what this owner has be given to anybody, now or after a restart? Nothing from before its credential was refused.
  [[nodiscard]] bool stands(const partition& owner, const entry& kept) const { return !refusals_.since(owner, kept.asked_at); }

  // The stored answer of the call is no longer trusted.
  void withdraw(const cache_key& own);

  // The result of an exchange by this credential that brought nothing to store. It concerns only what this credential may see.
  void note_answer(const cache_key& own, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& own, processing_state wanted, mono_time now);
  // This credential was given a complete summary that is not stored: an older one must not be stored after it.
  void note_newer(const cache_key& own, const asked& when);

  // Is this entry for all credentials that hold a grant?
  [[nodiscard]] bool is_for_all(const partition& owner, const entry& kept) const {
    return kept.account && owner == shared_partition(*kept.account, credential_key_);
  }

  // Mode inject: all accounts, as their credentials were and are. Before anybody asks with the new ones.
  void succeed(std::span<const succession> all);

  // What holds from now on.
  void take_over(const credential_settings& rules) {
    if (grants_) grants_->each([&](grant_table& one) { one.set_ttl(rules.grant_ttl); });
    proofs_.each([&](proofs& one) { one.set_lifetime(rules.proof_lifetime); });
  }
  [[nodiscard]] std::uint64_t grant_count() const { return grants_ ? grants_->size() : 0; }
  // Of one account; linear, for operators.
  [[nodiscard]] std::size_t grant_holders(const account_sid& whose, mono_time now) const {
    std::size_t sum = 0;
    if (grants_) grants_->each([&](const grant_table& one) { sum += one.holders(whose, now); });
    return sum;
  }

private:
  // Calls note(key) for each key of the call under which it may see something.
  template <class Note>
  void where_it_sees(const cache_key& own, mono_time now, Note&& note);
  // Looks under each account that it has been shown, until one look says that it is enough: `look` is given the key.
  template <class Look>
  void look_where_granted(const cache_key& own, mono_time now, Look&& look);
  // The copy of a call that is for all credentials with a grant.
  struct copy {
    partition at;
    entry_ptr stored;
  };
  [[nodiscard]] std::optional<copy> copy_for_all(const cache_key& own) const;

  // The keys under which earlier credentials of the account stored their copies of a call.
  [[nodiscard]] std::vector<cache_key> keys_before(const cache_key& own) const;
  [[nodiscard]] bool inherits(const cache_key& at, const partition& owner, const entry& kept) const;
  [[nodiscard]] bool is_shown(const partition& owner, const account_sid& whose) const;
  void inherit(const cache_key& own, const account_sid& whose, mono_time asked_at);
  void disinherit(const cache_key& own);

  void prove(const partition& owner, mono_time asked_at);
  // Upstream does not know this credential any more, whatever it was asked for: what it saw until now, it sees no longer.
  void refuse(const partition& owner, mono_time now);

  // 65,536 in all, 6 MB at most: a credential that is forgotten proves itself anew with its next exchange.
  static constexpr std::size_t most_proofs_per_shard = 4096;
  // 65,536 in all, 10 MB at most: more pairs of credential and account than anybody has, and one too few costs one upstream call.
  static constexpr std::size_t most_grants_per_shard = 4096;

  shared_cache& cache_;
  fingerprint_key credential_key_;
  sharded<proofs> proofs_;
  shared_refusals refusals_;
  std::optional<sharded<grant_table>> grants_;  // sharing: grants
  mutable std::mutex successions_mutex_;
  successions successions_;                   // protected by successions_mutex_
  std::atomic<bool> any_successions_{false};  // else the mutex is left alone
};

}  // namespace gateway
