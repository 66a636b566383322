// Mode inject: the accounts whose credential the upstream refuses, over all workers. Each account has a circuit for the credential as a
// whole, and one for each kind of resource that the credential may not read (a restricted API key).
// Thread rule: any thread; while no account is refused, no function takes the lock. Time rule: moments are arguments.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "core/auth/partition.hpp"
#include "core/limit/credential_circuit.hpp"
#include "core/upstream/credential_evidence.hpp"

namespace gateway {

class refused_accounts {
public:
  refused_accounts(const backoff_policy& probing, std::uint64_t seed) : probing_(probing), chance_(seed) {}

  // Applies to accounts that are refused from now on.
  void set_policy(const backoff_policy& probing);

  // Whether a request for such a resource need not try: it would not be sent.
  [[nodiscard]] bool refuses(const partition& owner, resource what, mono_time now) const;
  // Whether it may be sent now. If it is a probe, the next one has to wait.
  bool send(const partition& owner, resource what, mono_time now);
  // Whether what is stored for the account must not be shown.
  [[nodiscard]] bool hides(const partition& owner) const;

  // What an answer says; `asked_at`: when its request was sent. The new state, if it is another one now.
  std::optional<credential_circuit::state> note_refusal(const partition& owner, refusal_scope scope, resource what, mono_time asked_at,
                                                        mono_time now);
  // True: nothing is refused any more that was refused before.
  bool note_success(const partition& owner, resource what, mono_time asked_at);

  // The account has another credential. Its first request is a probe, and answers to older requests say nothing of it.
  void try_now(const partition& owner, mono_time now);
  // The owner is no account of the settings.
  void forget(const partition& owner);
  // These accounts are in force; others are forgotten.
  void keep_only(std::span<const partition> owners);

  // The number of accounts that are refused, at least for one kind of resource.
  [[nodiscard]] std::size_t count() const;

private:
  struct row {
    partition owner;
    resource what = resource::none;  // none: the credential as a whole
    credential_circuit circuit;
    [[nodiscard]] bool is_about(const partition& whose, resource kind) const {
      return owner == whose && (what == kind || what == resource::none);
    }
    [[nodiscard]] bool is_refused() const { return circuit.is() != credential_circuit::state::accepted; }
  };
  row& row_of(const partition& owner, resource what);
  void count_refused();

  mutable std::mutex mutex_;
  std::atomic<bool> any_{false};  // a row is refused
  // A few for each account, and only for those that were refused or replaced once. All below is protected by mutex_.
  std::vector<row> rows_;
  backoff_policy probing_;
  std::minstd_rand chance_;
};

}  // namespace gateway
