// Which credential may see the cached bodies of which accounts (credentials.sharing: grants). A grant is learnt from an upstream 200 to
// that very credential whose body named the account; what a user name says proves nothing, since a parent reads its subaccounts.
// It counts from the moment its request was sent and ends after a time; what upstream refuses takes it away at once.
// A credential's grants say where it may look: who has none looks nowhere, and finds nothing out about what others have.
// Thread rule: none of its own; whoever shares it locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// An account, and the partition in which its bodies are filed for all who hold a grant: made once, not with each look.
struct granted_account {
  account_sid whose;
  partition shared;

  granted_account(const account_sid& account, const fingerprint_key& key) : whose(account), shared(shared_partition(account, key)) {}
};

class grant_table {
public:
  static constexpr std::size_t most_per_credential = 256;

  // Beyond `most`, or most_per_credential, the one that was used the longest time ago is forgotten, which costs its credential one
  // upstream call.
  grant_table(std::size_t most, std::chrono::nanoseconds ttl);
  ~grant_table();
  grant_table(grant_table&&) noexcept;
  // For what is known already, too.
  void set_ttl(std::chrono::nanoseconds ttl) { ttl_ = ttl; }

  // Some of a credential's live grants, the most recently used first.
  struct page {
    struct held {
      partition shared;
      mono_time asked_at{};  // since when it is proved
    };
    static constexpr std::size_t most = 8;
    std::array<held, most> some;
    std::size_t count = 0;
    std::size_t next = 0;  // where the next page begins; nobody minds if one is missed because another was used meanwhile
    bool is_last = false;
  };
  void read(const partition& who, mono_time now, page& into);
  // An answer was found by it.
  void use(const partition& who, const partition& shared);

  // `asked_at`: when the request was sent whose answer proves it. An answer that was under way when the grant was withdrawn is none.
  void give(const partition& who, const granted_account& account, mono_time asked_at);
  void withdraw(const partition& who, const granted_account& account, mono_time now);

  [[nodiscard]] std::size_t size() const { return size_; }
  // How many may see what belongs to one account; linear.
  [[nodiscard]] std::size_t holders(const account_sid& whose, mono_time now) const;

private:
  struct grant;
  struct holder;
  struct index;
  [[nodiscard]] bool holds(const grant& one, mono_time now) const;
  grant& touch(const partition& who, const granted_account& account);  // the most recently used one now, made if need be
  void forget_last_of(const holder& one);
  void make_room();

  std::size_t most_;
  std::chrono::nanoseconds ttl_;
  std::size_t size_ = 0;
  mono_time forgotten_ = mono_time::min();  // latest withdrawal that is not remembered any more: whoever is new counts as withdrawn then
  std::unique_ptr<index> index_;
};

}  // namespace gateway
