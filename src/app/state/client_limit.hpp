// The client limit over all workers: which requests count as one client's, and a token bucket for each client (core/limit). Another limit
// is another object.
// By credential, requests with unproved credentials count for their address: inventing credentials brings no further bucket, and takes no
// place from other clients. A credential that once had a bucket keeps it, so that a refusal and a new proof pay no debt.
// Thread rule: any thread.
#pragma once

#include <optional>

#include "app/state/sharded.hpp"
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
  // `is_proved`: whether the credential is proved; called only when that matters.
  template <class Proved>
  token_decision take(const client& from, const partition& credential, mono_time now, Proved&& is_proved) const {
    if (by_ != client_identity::credential) return take(hash_of(from), of_addresses_, now);
    auto const own = hash_of(credential);
    if (auto const known = take_if_known(own, now)) return *known;
    if (!is_proved()) return take(hash_of(from), of_addresses_, now);
    static_cast<void>(take(own, of_credentials_, now));  // for the request that proved it
    return take(own, of_credentials_, now);
  }

private:
  static constexpr std::size_t clients_per_table = 4096;  // 64 KiB each: a million bytes in all when the limit is on
  using table = sharded<client_buckets>;

  [[nodiscard]] std::uint64_t hash_of(const partition& credential) const;
  [[nodiscard]] std::uint64_t hash_of(const client& from) const;
  [[nodiscard]] std::optional<token_decision> take_if_known(std::uint64_t credential, mono_time now) const;
  [[nodiscard]] token_decision take(std::uint64_t who, const std::optional<table>& all, mono_time now) const;

  client_identity by_;
  token_rate rate_;
  short_hash_key key_;
  std::optional<table> of_addresses_;    // and names; nothing: there is no limit
  std::optional<table> of_credentials_;  // nothing: they do not matter
};
using published_limit = published<client_limit>;

}  // namespace gateway
