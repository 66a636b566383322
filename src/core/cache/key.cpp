#include "core/cache/key.hpp"

#include <cstring>

namespace gateway {
namespace {

// A partition's bits are as good as random and nobody outside can choose or see them, so they need no hash of their own.
std::uint64_t hash_of(const partition& who, const call_sid& what, const short_hash_key& key) {
  std::uint64_t of_owner = 0;
  std::memcpy(&of_owner, who.id.data(), sizeof of_owner);
  return short_hash(key, what.view()) ^ of_owner;
}

}  // namespace

cache_key::cache_key(const partition& who, const call_sid& what, const short_hash_key& key)
    : owner(who), call(what), hash(hash_of(who, what, key)) {}

}  // namespace gateway
