// The lookup of a request: what its credential may see, and whether a write that is under way makes it old.
// Thread rule: any thread.
#pragma once

#include "app/state/authorized_cache.hpp"
#include "app/state/pending_writes.hpp"

namespace gateway {

// The stored answer that the credential may see, marked as purged while the same credential writes to the call.
inline authorized_cache::found find_beside_writes(authorized_cache& visible, const pending_writes& writes, const cache_key& own,
                                                  const instant& now, read_table::reader* by = nullptr) {
  auto found = visible.find(own, now, by);
  found.purged = found.purged || writes.covers(own);
  return found;
}

}  // namespace gateway
