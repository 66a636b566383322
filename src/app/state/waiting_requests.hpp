// How many requests wait for the upstream, over all workers.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace gateway {

struct waiting_requests {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::uint64_t> unproved{0};  // of these, with credentials that are not proved
};

}  // namespace gateway
