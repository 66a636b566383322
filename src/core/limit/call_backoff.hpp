// Exponential backoff per call: a call for which the upstream failed twice or more in a row is fetched less and less often. The first
// failure costs nothing, so that an immediate retry of the client succeeds after an accident.
// The table has a fixed size and overwrites old slots. Two calls in one slot can cost a fetch too many, never a refusal for long.
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/limit/circuit.hpp"

namespace gateway {

class call_backoff {
public:
  explicit call_backoff(const backoff_policy& policy) : policy_(policy) {}
  void set_policy(const backoff_policy& policy) { policy_ = policy; }

  // Whether the call must not be fetched now. `what`: a keyed hash of the credential, the call and the processing state.
  struct held_back {
    std::chrono::nanoseconds retry_in;
    int status;  // of the upstream's last answer; 0: no answer came
  };
  [[nodiscard]] std::optional<held_back> check(std::uint64_t what, mono_time now) const;
  void note_failure(std::uint64_t what, int status, double chance, mono_time now);
  void note_success(std::uint64_t what);

private:
  static constexpr std::size_t size = 4096;
  struct slot {
    std::uint64_t what = 0;
    unsigned failures = 0;  // in a row; 0: the slot is free
    int status = 0;         // of the last failure
    mono_time until{};
  };

  backoff_policy policy_;
  std::vector<slot> slots_ = std::vector<slot>(size);
};

}  // namespace gateway
