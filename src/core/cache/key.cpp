#include "core/cache/key.hpp"

namespace gateway {

cache_key::cache_key(const partition& who, const call_sid& what, const short_hash_key& key)
    : owner(who), call(what), hash(call_bits(what, key) ^ who.bits()) {}

}  // namespace gateway
