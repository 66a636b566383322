// The calls about which the upstream fails, over all workers (core/limit/call_backoff), behind a mutex: only misses look here.
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <mutex>
#include <optional>
#include <random>

#include "core/limit/call_backoff.hpp"

namespace gateway {

class failing_calls {
public:
  failing_calls(const backoff_policy& policy, std::uint64_t seed) : table_(policy), chance_(seed) {}

  void set_policy(const backoff_policy& policy) {
    std::lock_guard const lock{mutex_};
    table_.set_policy(policy);
  }
  [[nodiscard]] std::optional<call_backoff::held_back> look(std::uint64_t what, mono_time now) const {
    std::lock_guard const lock{mutex_};
    return table_.look(what, now);
  }
  void note_failure(std::uint64_t what, int status, mono_time now) {
    std::lock_guard const lock{mutex_};
    table_.note_failure(what, status, std::uniform_real_distribution<double>{}(chance_), now);
  }
  void note_success(std::uint64_t what) {
    std::lock_guard const lock{mutex_};
    table_.note_success(what);
  }

private:
  mutable std::mutex mutex_;
  call_backoff table_;       // protected by mutex_
  std::minstd_rand chance_;  // protected by mutex_
};

}  // namespace gateway
