// The client limit of all workers: who counts as one client, and a bucket for each (core/limit). Another limit is another object.
// By credential, what is unproved counts as its address: whoever invents credentials has one bucket, and takes no place from those of
// others. Who once had a bucket of its own keeps it, whatever becomes of its proof: to be refused and proved again pays no debt. Thread
// rule: any thread; a mutex per shard, never held across a wait.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>

#include "core/auth/client.hpp"
#include "core/limit/client_buckets.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

class client_limit {
public:
  client_limit(const client_limit_settings& values, const short_hash_key& key);

  [[nodiscard]] bool is_on() const { return rate_.tokens > 0; }
  [[nodiscard]] const token_rate& rate() const { return rate_; }
  // `is_proved`: whether the credential is somebody's; asked only when that matters.
  template <class Proved>
  token_decision take(const client& from, const partition& credential, mono_time now, Proved&& is_proved) const {
    if (by_ != client_identity::credential) return take(hash_of(from), of_addresses_, now);
    auto const own = hash_of(credential);
    if (auto const known = take_if_known(own, now)) return *known;
    if (!is_proved()) return take(hash_of(from), of_addresses_, now);
    take(own, of_credentials_, now);  // for the request that proved it
    return take(own, of_credentials_, now);
  }

private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t clients_per_shard = 4096;  // 64 KiB each: a million bytes a table when the limit is on

  struct alignas(64) shard {
    std::mutex mutex;
    client_buckets buckets{clients_per_shard};  // protected by mutex
  };

  using table = std::array<std::unique_ptr<shard>, shard_count>;
  static shard& of(const table& all, std::uint64_t who) { return *all[(who >> 56) % shard_count]; }
  [[nodiscard]] std::uint64_t hash_of(const partition& credential) const;
  [[nodiscard]] std::uint64_t hash_of(const client& from) const;
  [[nodiscard]] std::optional<token_decision> take_if_known(std::uint64_t credential, mono_time now) const;
  token_decision take(std::uint64_t who, const table& all, mono_time now) const;

  client_identity by_;
  token_rate rate_;
  short_hash_key key_;
  table of_addresses_{};    // and names; null: off
  table of_credentials_{};  // null: they do not matter
};
using published_limit = published<client_limit>;

}  // namespace gateway
