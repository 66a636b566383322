// Bounds the connections: in all, and from each address group, over all workers of some listeners.
// Thread rule: any thread. The count per address is behind a mutex, which is taken only if that bound is set.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/auth/client.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

class connection_slots;

class connection_limiter {
public:
  // `per_address` 0: no such bound.
  connection_limiter(std::uint64_t limit, std::uint64_t per_address, const short_hash_key& key)
      : limit_(limit), per_address_(per_address), of_address_(0, group_hash{key}) {}

  [[nodiscard]] bool is_full() const { return open_.load(std::memory_order_relaxed) >= limit_; }
  // For connections that come from now on.
  void set_limit(std::uint64_t limit) { limit_ = limit; }

  // One more connection; false if there are too many.
  bool enter();
  // One more than there may be, because another connection has been asked to close; until credit_ends(), when it has, or will not.
  bool enter_on_credit();
  void credit_ends() { credits_.fetch_sub(1, std::memory_order_relaxed); }
  void leave() { open_.fetch_sub(1, std::memory_order_relaxed); }
  // One more of an address whose connections are bounded; false if that would be too many.
  bool enter(const address_group& from);
  void leave(const address_group& from);

  std::vector<connection_slots*> keepers;  // of places in it, one for each worker; complete before any of them runs

private:
  struct group_hash {
    short_hash_key key;  // addresses are chosen by strangers
    std::size_t operator()(const address_group& group) const {
      return short_hash(key, {reinterpret_cast<const char*>(group.data()), group.size()});
    }
  };

  std::atomic<std::uint64_t> limit_;
  std::uint64_t per_address_;
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> credits_{0};
  std::mutex mutex_;
  std::unordered_map<address_group, std::uint64_t, group_hash> of_address_;  // protected by mutex_; only groups that are connected
};

}  // namespace gateway
