#include "core/cache/key.hpp"

#include <array>
#include <cstring>

namespace gateway {
namespace {

std::uint64_t hash_of(const partition& who, const call_sid& what, const short_hash_key& key) {
  std::array<char, sizeof(digest) + call_sid::length> bytes{};
  std::memcpy(bytes.data(), who.id.data(), who.id.size());
  std::memcpy(bytes.data() + who.id.size(), what.view().data(), call_sid::length);
  return short_hash(key, {bytes.data(), bytes.size()});
}

}  // namespace

cache_key::cache_key(const partition& who, const call_sid& what, const short_hash_key& key)
    : owner(who), call(what), hash(hash_of(who, what, key)) {}

}  // namespace gateway
