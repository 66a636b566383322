// The cache key of an answer: which credential may see it, and which call it is about. ProcessingState is no part of the key, because
// only complete summaries and refusals of them are stored (see freshness).
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
  std::uint64_t hash;  // keyed, because clients choose the CallSids (oCERT-2011-003)

  // The call's part of the hash, which is the same for all owners.
  [[nodiscard]] std::uint64_t call_bits() const { return hash ^ owner.bits(); }
  static std::uint64_t call_bits(const call_sid& what, const short_hash_key& key) { return short_hash(key, what.view()); }

  cache_key(const partition& who, const call_sid& what, const short_hash_key& key);
  // The key of the same call under another owner, without hashing again.
  [[nodiscard]] cache_key under(const partition& who) const {
    auto other = *this;
    other.owner = who;
    other.hash ^= owner.bits() ^ who.bits();
    return other;
  }

  // defence: entry-owner
  friend bool operator==(const cache_key& a, const cache_key& b) { return a.hash == b.hash && a.owner == b.owner && a.call == b.call; }
};

struct cache_key_hash {
  std::size_t operator()(const cache_key& key) const { return key.hash; }
};

}  // namespace gateway
