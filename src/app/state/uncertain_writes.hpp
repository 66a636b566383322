// Writes whose outcome is not known: the call may have changed for all clients. The number per client and minute is limited, so that a
// client cannot keep every stored copy out of use. Beyond the limit, only the client's own copies count as old. Thread rule: any thread.
// Time rule: `now` is an argument.
#pragma once

#include <mutex>

#include "core/limit/client_buckets.hpp"

namespace gateway {

class uncertain_writes {
public:
  // Whether one more uncertain write of this client affects all clients' copies. `client`: a keyed hash.
  bool concerns_everybody(std::uint64_t client, mono_time now) {
    static constexpr token_rate most{64, std::chrono::minutes{1}};
    std::lock_guard const lock{mutex_};
    return buckets_.take(client, most, now).allowed;  // defence: uncertain-writes-bound
  }

private:
  static constexpr std::size_t clients = 1024;
  std::mutex mutex_;
  client_buckets buckets_{clients};  // protected by mutex_
};

}  // namespace gateway
