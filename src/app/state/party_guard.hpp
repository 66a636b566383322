// Keeps what an operator has erased from being stored again by a fetch that was under way, by the fleet, or from a snapshot that is still
// being loaded (core/cache/erased_parties). While nothing was erased lately, an answer that is stored costs one load more.
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/base/party.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/erased_parties.hpp"

namespace gateway {

class party_guard {
public:
  explicit party_guard(const fingerprint_key& owners) : key_(derived_key(owners, "erased parties")) {}

  [[nodiscard]] digest hash_of(std::string_view form) const { return party_hash(key_, form); }
  // Calls see(hash) for each party that the body may hold, some of them several times.
  template <class See>
  void each_hash(std::string_view body, See&& see) const {
    find_parties(body, [&](std::string_view form) { see(hash_of(form)); });
  }

  // From now on no answer is stored that was asked for before and holds this party. Call it before the walk that erases. False: too many
  // parties were erased lately.
  bool arm(const digest& who, mono_time now);

  // What was found about an answer that is about to be stored. It counts if is_current() under the lock of its table: an erasure that
  // comes later walks that table later, and finds the answer.
  struct judgement {
    std::uint64_t edition = 0;
    bool refuses = false;
  };
  [[nodiscard]] judgement judge(const entry& made, mono_time now);
  [[nodiscard]] bool is_current(const judgement& one) const { return edition_.load(std::memory_order_acquire) == one.edition; }

  // Answers that were not stored because of this party, since it was erased.
  [[nodiscard]] std::uint64_t refused(const digest& who) const;

  // `lasts`: how long answers that are asked for after an erasure are not stored either.
  void set_lasts(std::chrono::nanoseconds lasts) { lasts_.store(lasts.count(), std::memory_order_relaxed); }
  // Forgets what needs no guard any more. Not while a snapshot is being loaded.
  void forget(mono_time now, std::chrono::nanoseconds longest_fetch);

private:
  [[nodiscard]] std::chrono::nanoseconds lasts() const { return std::chrono::nanoseconds{lasts_.load(std::memory_order_relaxed)}; }

  const fingerprint_key key_;
  std::atomic<std::uint64_t> edition_{0};  // counts erasures
  std::atomic<bool> is_armed_{false};
  std::atomic<std::int64_t> lasts_{0};
  mutable std::mutex mutex_;
  erased_parties erased_;                    // protected by mutex_
  std::map<digest, std::uint64_t> refused_;  // of those in the table; protected by mutex_
};

}  // namespace gateway
