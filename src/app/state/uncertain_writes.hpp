// Writes that nobody knows the end of: for all readers the call may have changed. How many of them one client may cause in a minute is
// bounded, so that it cannot keep everybody's copies from being used; with more, only its own are in doubt.
// Thread rule: any thread. Time rule: `now` is an argument.
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
