// The calls for which the upstream fails, over all workers (core/limit/call_backoff), behind a mutex: only misses use it.
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <mutex>
#include <optional>
#include <random>

#include "core/limit/call_backoff.hpp"

namespace gateway {

class failing_calls {
public:
  failing_calls(const backoff_policy& policy, std::uint64_t seed) : proved_(policy), unproved_(policy), chance_(seed) {}

  void set_policy(const backoff_policy& policy) {
    std::lock_guard const lock{mutex_};
    proved_.set_policy(policy);
    unproved_.set_policy(policy);
  }
  // `proved`: whether the requesting credential is proved.
  [[nodiscard]] std::optional<call_backoff::held_back> look(std::uint64_t what, bool proved, mono_time now) const {
    std::lock_guard const lock{mutex_};
    return (proved ? proved_ : unproved_).check(what, now);
  }
  void note_failure(std::uint64_t what, bool proved, int status, mono_time now) {
    std::lock_guard const lock{mutex_};
    // defence: failures-apart
    (proved ? proved_ : unproved_).note_failure(what, status, std::uniform_real_distribution<double>{}(chance_), now);
  }
  void note_success(std::uint64_t what) {
    std::lock_guard const lock{mutex_};
    proved_.note_success(what);
    unproved_.note_success(what);
  }

private:
  mutable std::mutex mutex_;
  // Separate, so that requests with invented credentials cannot displace the failures that proved clients met. Protected by mutex_.
  call_backoff proved_, unproved_;
  std::minstd_rand chance_;  // protected by mutex_
};

}  // namespace gateway
