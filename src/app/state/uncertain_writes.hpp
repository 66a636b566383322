// Writes whose result is not known: the call may have changed for all clients. One client may cause only so many of them in a minute, so
// that it cannot keep all copies from being used; beyond that, only its own copies count as old. Thread rule: any thread. Time rule: `now`
// is an argument.
#pragma once

#include <mutex>

#include "core/limit/client_buckets.hpp"

namespace gateway {

class uncertain_writes {
public:
  // May one more of this client's concern everybody? `client`: a keyed hash.
  bool concerns_everybody(std::uint64_t client, mono_time now) {
    static constexpr token_rate most{64, std::chrono::minutes{1}};
    std::lock_guard const lock{mutex_};
    return buckets_.take(client, most, now).allowed;
  }

private:
  static constexpr std::size_t clients = 1024;
  std::mutex mutex_;
  client_buckets buckets_{clients};  // protected by mutex_
};

}  // namespace gateway
