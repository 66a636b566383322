// The client limit over all workers: it assigns each request to a client, and each client has a token bucket (core/limit). A new limit is a
// new object.
// With limits by credential, requests with unproved credentials count for their address. So a client that invents credentials gets no more
// buckets and displaces no other client. A credential with a bucket keeps it: a refusal and a new proof do not clear its debt.
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
  // `is_proved` tells whether the credential is proved; it is called only when that matters.
  template <class Proved>
  token_decision take(const client& from, const partition& credential, mono_time now, Proved&& is_proved) const {
    if (by_ != client_identity::credential) return take(hash_of(from), of_addresses_, now);
    auto const own = hash_of(credential);
    if (auto const known = take_if_known(own, now)) return *known;
    // defence: unproved-by-address
    if (!is_proved()) return take(hash_of(from), of_addresses_, now);
    static_cast<void>(take(own, of_credentials_, now));  // the request that proved it counted for the address
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
  std::optional<table> of_addresses_;    // also of names; empty: there is no limit
  std::optional<table> of_credentials_;  // empty: the limit is not by credential
};
using published_limit = published<client_limit>;

}  // namespace gateway
