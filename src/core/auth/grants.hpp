// Which credential may see the cached bodies of which accounts: with credentials.sharing: grants, every credential; else a bearer token
// that is a JWT, for what tokens with the same claims fetched. A credential earns a grant by its own upstream 200 whose body names the
// account. Its user name proves nothing, since a parent account can read its subaccounts. A grant counts from the moment its request was
// sent and expires after a TTL; a refusal by the upstream withdraws it at once. A lookup searches only the partitions that the credential
// has grants for, so a credential without grants learns nothing about others.
// Thread rule: none of its own; the owner locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// An account and the partition that stores its bodies for all credentials with a grant. The partition is computed once, not for each
// lookup.
struct granted_account {
  account_sid whose;
  partition shared;
};

class grant_table {
public:
  static constexpr std::size_t most_per_credential = 256;

  // Beyond `most`, or most_per_credential, the least recently used grant is forgotten; its credential then needs one upstream call again.
  grant_table(std::size_t most, std::chrono::nanoseconds ttl);
  ~grant_table();
  grant_table(grant_table&&) noexcept;
  // Applies to existing grants, too.
  void set_ttl(std::chrono::nanoseconds ttl) { ttl_ = ttl; }

  // Some of a credential's live grants, the most recently used first.
  struct page {
    struct held {
      partition shared;
      mono_time asked_at{};  // proved since then
    };
    static constexpr std::size_t most = 8;
    std::array<held, most> some;
    std::size_t count = 0;
    std::size_t next = 0;  // where the next page begins; a grant that moved between two pages may be missed, which is harmless
    bool is_last = false;
  };
  void read(const partition& who, mono_time now, page& into);
  // Records that an answer was found by this grant.
  void use(const partition& who, const partition& shared);

  // `asked_at`: when the request was sent whose answer proves the grant. An answer to a request sent before the withdrawal grants nothing.
  void give(const partition& who, const granted_account& account, mono_time asked_at);
  void withdraw(const partition& who, const granted_account& account, mono_time now);

  // Whether the credential has grants, even expired ones.
  [[nodiscard]] bool knows(const partition& who) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  // The number of credentials that may see the answers of one account; linear.
  [[nodiscard]] std::size_t holders(const account_sid& whose, mono_time now) const;

private:
  struct grant;
  struct holder;
  struct index;
  [[nodiscard]] bool holds(const grant& one, mono_time now) const;
  grant& touch(const partition& who, const granted_account& account);  // finds or makes the grant, and marks it as most recently used
  void forget_last_of(const holder& one);
  void make_room();

  std::size_t most_;
  std::chrono::nanoseconds ttl_;
  std::size_t size_ = 0;
  mono_time forgotten_ = mono_time::min();  // latest forgotten withdrawal: a new entry counts as withdrawn at that moment
  std::unique_ptr<index> index_;
};

}  // namespace gateway
