// The cache key of an answer: which credential may see it, and which call it is about. ProcessingState is no part of the key, because
// only complete summaries and refusals of them are stored (see freshness). Two spellings of one CallSid are two keys, because the answers'
// bytes may differ; what concerns the call, such as a purge, finds both by call_bits().
// Thread rule: values.
#pragma once

#include <cstdint>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/keyed_hash.hpp"

namespace gateway {

struct cache_key {
  partition owner;
  call_sid call;
  std::uint64_t of_call;  // the same for all owners and for all spellings of the call
  std::uint64_t hash;     // keyed as well, because clients choose the CallSids (oCERT-2011-003)

  [[nodiscard]] std::uint64_t call_bits() const { return of_call; }
  static std::uint64_t call_bits(const call_sid& what, const short_hash_key& key) { return short_hash(key, what.lower().view()); }
  // Names the owner and the call, in any spelling.
  [[nodiscard]] std::uint64_t bits_of_all_spellings() const { return of_call ^ owner.bits(); }

  cache_key(const partition& who, const call_sid& what, const short_hash_key& key);
  // The key of the same call under another owner, without hashing again.
  [[nodiscard]] cache_key under(const partition& who) const {
    auto other = *this;
    other.owner = who;
    other.hash ^= owner.bits() ^ who.bits();
    return other;
  }

  // Whether both are about the same owner's answers to one call.
  [[nodiscard]] bool is_spelling_of(const cache_key& other) const { return owner == other.owner && same_call(call, other.call); }

  // defence: entry-owner
  friend bool operator==(const cache_key& a, const cache_key& b) { return a.hash == b.hash && a.owner == b.owner && a.call == b.call; }
};

struct cache_key_hash {
  std::size_t operator()(const cache_key& key) const { return key.hash; }
};

}  // namespace gateway
