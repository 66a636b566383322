// Who is connected: how many in all, and how many from each address group, over all workers of some listeners.
// Thread rule: any thread. The count per address stands behind a mutex, which is taken only if that bound is set.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/auth/client.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

class connection_book {
public:
  // `per_address` 0: no such bound. Connections over unix sockets have no address and count in all only.
  connection_book(std::uint64_t limit, std::uint64_t per_address, const short_hash_key& key)
      : limit_(limit), per_address_(per_address), of_address_(0, group_hash{key}) {}

  [[nodiscard]] bool is_full() const { return open_.load(std::memory_order_relaxed) >= limit_; }
  // For those who come from now on.
  void set_limit(std::uint64_t limit) { limit_ = limit; }

  // Enters it, or says why not. `over` is how many more than the limit may be let in.
  std::optional<connection_refusal> enter(const client& who, std::uint64_t over = 0);
  void leave(const client& who);

private:
  struct group_hash {
    short_hash_key key;  // addresses are chosen by strangers
    std::size_t operator()(const address_group& group) const {
      return short_hash(key, {reinterpret_cast<const char*>(group.data()), group.size()});
    }
  };
  [[nodiscard]] bool counts_address(const client& who) const { return per_address_ > 0 && !who.user; }

  std::atomic<std::uint64_t> limit_;
  std::uint64_t per_address_;
  std::atomic<std::uint64_t> open_{0};
  std::mutex mutex_;
  std::unordered_map<address_group, std::uint64_t, group_hash> of_address_;  // protected by mutex_; only groups that are connected
};

}  // namespace gateway
