// What all replicas of a fleet must learn of: a purge, an erased party, a refused credential, a changed call. In the engine a mark is
// sealed. Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/cache/store.hpp"

namespace gateway {

// The letters are those of the sealed form.
enum class mark_kind : char {
  call_soft = 'c',
  call_hard = 'C',
  account_soft = 'a',
  account_hard = 'A',
  all_soft = 'e',
  all_hard = 'E',
  refused = 'R',  // a credential, which the upstream no longer accepts
  changed = 'w',  // a call, which was written to
  erased = 'P',   // a party: all that is kept about it is erased
};

// Marks of one kind about one subject follow each other: the newest counts. Soft and hard purges are two kinds, so that a later soft purge
// hides no hard one from a replica that has seen neither.
struct fleet_mark {
  mark_kind kind = mark_kind::all_soft;
  std::string subject;  // the SID of a call or an account, the bytes of a partition, the hash of a party, or nothing

  static fleet_mark of_purge(const purge_scope& what, purge_depth how);
  static fleet_mark of_refusal(const partition& owner);
  static fleet_mark of_change(const call_sid& call);
  static fleet_mark of_erasure(const digest& party);
  // The plain form that is sealed. nullopt: it is none.
  static std::optional<fleet_mark> parse(std::string_view text);
  [[nodiscard]] std::string text() const { return static_cast<char>(kind) + subject; }

  // Whether something that a client could be served must be gone, not only old.
  [[nodiscard]] bool erases() const;
  // Whether it is about one call. Then the engine drops what it has of the call in the same step.
  [[nodiscard]] bool is_about_call() const;

  // The subject in its own type, where the kind has one.
  [[nodiscard]] purge_scope scope() const;
  [[nodiscard]] partition owner() const;
  [[nodiscard]] digest party() const;
  [[nodiscard]] purge_depth depth() const { return erases() ? purge_depth::hard : purge_depth::soft; }

  friend bool operator==(const fleet_mark&, const fleet_mark&) = default;
};

// The plain forms of all marks that may concern an entry. `account`: of the entry, if it names one.
std::vector<std::string> marks_about(const call_sid& call, const partition& owner, const std::optional<account_sid>& account);

}  // namespace gateway
