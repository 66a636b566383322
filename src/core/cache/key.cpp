#include "core/cache/key.hpp"

namespace gateway {

cache_key::cache_key(const partition& who, const call_sid& what, const short_hash_key& key)
    : owner(who), call(what), hash(short_hash(key, what.view()) ^ who.bits()) {}

}  // namespace gateway
