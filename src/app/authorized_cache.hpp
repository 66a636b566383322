// The cache as one credential may see it: here a hit is made as well authorised as a miss, whatever the mode.
//   partition, inject: an answer is filed under its own credential (or account), and nobody else finds it.
//   grants:            a body is filed once for all; a credential finds it only while it holds a grant for the account that the body
//                      names. Everything else (not ready, absent, no account named) stays with its own credential.
// A credential that upstream refuses finds nothing any more of what it proved or fetched before; what it then proves anew counts again.
// Here is also known which credentials are proved: somebody's, as an answer of the upstream has shown (core/auth/proofs).
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include "app/shared_cache.hpp"
#include "app/shared_grants.hpp"
#include "app/shared_refusals.hpp"
#include "core/auth/proofs.hpp"
#include "core/settings/settings.hpp"
#include "core/upstream/standing.hpp"

namespace gateway {

class authorized_cache {
public:
  authorized_cache(shared_cache& cache, const credential_settings& rules, const short_hash_key& for_tables,
                   const fingerprint_key& for_credentials)
      : cache_(cache),
        table_key_(for_tables),
        everybody_(shared_partition(for_credentials)),
        proofs_(most_proofs_per_shard, rules.proof_lifetime) {
    if (rules.mode == credentials_mode::forward && rules.sharing == sharing_mode::grants) grants_.emplace(rules.grant_ttl, for_tables);
  }

  struct found : lru_store::found {
    cache_key at;  // where it is filed
  };
  // `own` is the credential's own key for the call. To find nothing says nothing: there may be a body that it may not see.
  found find(const cache_key& own, const instant& now);
  // What is kept of the call, whoever may see it: for judging a new answer, never for giving it to anybody.
  [[nodiscard]] entry_ptr peek(const cache_key& own) const;

  // The moment a request went upstream, as far as it decides what its answer may change.
  struct asked {
    std::uint64_t generation = 0;  // of the cache
    mono_time at{};
  };

  // What upstream said about the credential itself. Before insert().
  void learn(const cache_key& own, standing now_is, const std::optional<account_sid>& account, const asked& when, mono_time now);
  // The same of an answer about something else than a summary.
  void learn_beside(const partition& owner, standing now_is, mono_time asked_at, mono_time now);
  // An answer that upstream gave to this credential in an earlier life has come back from a snapshot.
  void learn_restored(const partition& owner, const entry& made);

  // Is this credential somebody's, as far as upstream has shown? A lock: for misses only.
  [[nodiscard]] bool is_proved(const partition& owner, mono_time now) const;

  // Files an answer that upstream gave to this credential, or says why not.
  std::optional<not_stored> insert(const cache_key& own, entry_ptr made, const asked& when, const instant& now);

  // May what this owner has be given to anybody, now or after a restart? Nothing from before its credential was refused.
  [[nodiscard]] bool stands(const partition& owner, const entry& kept) const { return !refusals_.since(owner, kept.asked_at); }

  // What is kept of the call is not to be believed any more.
  void withdraw(const cache_key& own);

  // What came of a look upstream by this credential that brought nothing to keep: news about what it may see, and nothing else.
  void note_answer(const cache_key& own, const unkept_answer& answer, mono_time now);
  void note_failure(const cache_key& own, processing_state wanted, mono_time now);
  // A complete summary was given to it that is not kept: one that was asked for before is not to be kept either.
  void note_newer(const cache_key& own, const asked& when);

  // Whose entries are for all who hold a grant.
  [[nodiscard]] const partition& everybody() const { return everybody_; }

  // What holds from now on.
  void take_over(const credential_settings& rules) {
    if (grants_) grants_->set_ttl(rules.grant_ttl);
    proofs_.each([&](proofs& one) { one.set_lifetime(rules.proof_lifetime); });
  }
  [[nodiscard]] std::uint64_t grant_count() const { return grants_ ? grants_->size() : 0; }
  // Of one account; linear, for operators.
  [[nodiscard]] std::size_t grant_holders(const account_sid& whose, mono_time now) const {
    return grants_ ? grants_->holders(whose, now) : 0;
  }

private:
  [[nodiscard]] cache_key shared_key(const cache_key& own) const { return {everybody_, own.call, table_key_}; }
  [[nodiscard]] bool is_shared(const entry& made) const { return grants_ && made.kind == answer_kind::complete && made.account; }
  [[nodiscard]] bool may_see(const partition& who, const entry& kept, mono_time now);
  // Calls note(key) for each key of the call under which it may see something.
  template <class Note>
  void where_it_sees(const cache_key& own, mono_time now, Note&& note);

  void prove(const partition& owner, mono_time asked_at);
  // Upstream does not know this credential any more, whatever it was asked for: what it saw until now, it sees no longer.
  void refuse(const partition& owner, mono_time now);

  // 65,536 in all, 6 MB at most: who is forgotten proves itself anew with its next exchange.
  static constexpr std::size_t most_proofs_per_shard = 4096;

  shared_cache& cache_;
  short_hash_key table_key_;
  partition everybody_;
  sharded<proofs> proofs_;
  shared_refusals refusals_;
  std::optional<shared_grants> grants_;  // sharing: grants
};

}  // namespace gateway
