// Limits the connections of some listeners over all workers: in total, and per address group.
// Thread rule: any thread. The count per address is behind a mutex, which is taken only if that limit is set.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/auth/client.hpp"
#include "core/base/text.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

class connection_slots;

class connection_limiter {
public:
  // `per_address` 0: no such limit.
  connection_limiter(std::uint64_t limit, std::uint64_t per_address, const short_hash_key& key)
      : limit_(limit), per_address_(per_address), of_address_(0, group_hash{key}) {}

  [[nodiscard]] bool is_full() const { return open_.load(std::memory_order_relaxed) >= limit_; }
  // Applies to new connections.
  void set_limit(std::uint64_t limit) { limit_ = limit; }

  // Counts one more connection; false if there are too many.
  bool enter();
  // Counts one connection beyond the limit, because another connection has been asked to close. Call credit_ends() when that one has
  // closed, or will not.
  bool enter_on_credit();
  void credit_ends() { credits_.fetch_sub(1, std::memory_order_relaxed); }
  void leave() { open_.fetch_sub(1, std::memory_order_relaxed); }
  // Counts one more connection of an address with a limit; false if there are too many.
  bool enter(const address_group& from);
  void leave(const address_group& from);

  std::vector<connection_slots*> keepers;  // the slots of each worker; complete before any worker runs

private:
  struct group_hash {
    short_hash_key key;  // clients choose their addresses, so the hash is keyed
    std::size_t operator()(const address_group& group) const { return short_hash(key, view_of(group)); }
  };

  std::atomic<std::uint64_t> limit_;
  std::uint64_t per_address_;
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> credits_{0};
  std::mutex mutex_;
  std::unordered_map<address_group, std::uint64_t, group_hash> of_address_;  // protected by mutex_; only groups with connections
};

}  // namespace gateway
