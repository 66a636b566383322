// The parties that were erased lately. Without this table, a fetch that began before an erasure could bring back what was erased, and so
// could a snapshot that is still being loaded. Parties are known by keyed hashes. The table is bounded; when it is full, an erasure is
// refused.
// Thread rule: none of its own; app/state/party_guard publishes it. Time rule: `now` is an argument.
#pragma once

#include <cstddef>
#include <map>

#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"

namespace gateway {

class erased_parties {
public:
  static constexpr std::size_t most = 4096;

  // The same party once more counts as one, from now on. False: there is no room.
  bool add(const digest& who, mono_time now);
  // Whether an answer that holds the party must not be stored: it was asked for before the erasure, or the erasure still lasts.
  [[nodiscard]] bool covers(const digest& who, mono_time asked_at, mono_time now, std::chrono::nanoseconds lasts) const;
  // Drops what has lasted, once no answer can come any more that was asked for before it: `longest_fetch` after the erasure.
  void forget(mono_time now, std::chrono::nanoseconds lasts, std::chrono::nanoseconds longest_fetch);

  [[nodiscard]] bool holds(const digest& who) const { return since_.contains(who); }
  [[nodiscard]] bool empty() const { return since_.empty(); }
  [[nodiscard]] std::size_t size() const { return since_.size(); }

private:
  std::map<digest, mono_time> since_;
};

}  // namespace gateway
