// Which credential may see the cached bodies of which account (credentials.sharing: grants). A grant is learnt from an upstream 200 to
// that very credential whose body named the account; what a user name says proves nothing, since a parent reads its subaccounts.
// It counts from the moment its request was sent and ends after a time; what upstream refuses takes it away at once.
// Thread rule: none of its own; whoever shares it locks around it (app/shared_grants). Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// A credential and an account.
struct grant_key {
  partition who;
  account_sid whose;
  std::uint64_t hash;

  grant_key(const partition& credential, const account_sid& account, const short_hash_key& key);
  friend bool operator==(const grant_key& a, const grant_key& b) { return a.hash == b.hash && a.who == b.who && a.whose == b.whose; }
};

class grant_table {
public:
  // Beyond `max_grants` the one that was used the longest time ago is forgotten, which costs its credential one upstream call.
  grant_table(std::size_t max_grants, std::chrono::nanoseconds ttl);
  // For what is known already, too.
  void set_ttl(std::chrono::nanoseconds ttl) { ttl_ = ttl; }
  ~grant_table();
  grant_table(grant_table&&) noexcept;

  // Since when it is proved; nullopt: no grant, or none any more.
  [[nodiscard]] std::optional<mono_time> find(const grant_key& key, mono_time now);
  // `asked_at`: when the request was sent whose answer proves it. An answer that was under way when the grant was withdrawn is none.
  void give(const grant_key& key, mono_time asked_at);
  void withdraw(const grant_key& key, mono_time now);

  [[nodiscard]] std::size_t size() const;
  // How many may see what belongs to one account; linear.
  [[nodiscard]] std::size_t holders(const account_sid& whose, mono_time now) const;

private:
  struct index;
  struct record;
  [[nodiscard]] bool holds(const record& one, mono_time now) const;
  const record& touch(const grant_key& key);  // the most recently used one now, made if need be

  std::size_t max_grants_;
  std::chrono::nanoseconds ttl_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
