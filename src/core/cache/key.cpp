#include "core/cache/key.hpp"

namespace gateway {

cache_key::cache_key(const partition& who, const call_sid& what, const short_hash_key& key)
    : owner(who), call(what), of_call(call_bits(what, key)), hash(of_call ^ who.bits()) {
  if (call != call.lower()) hash ^= short_hash(key, call.view());  // else all spellings of a call would share a bucket
}

}  // namespace gateway
