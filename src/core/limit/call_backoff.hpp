// Calls about which the upstream failed more than once in a row: they are asked about ever more seldom, whoever asks. The first failure
// costs nothing, so that a reader who tries again at once is served when it was an accident.
// A table of fixed size that forgets by overwriting; two calls in one place cost an upstream call too many, never one too few for long.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
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

  // How long it is not to be asked about; nothing if it may be. `what`: a keyed hash of whose call it is, and in which state.
  struct held_back {
    std::chrono::nanoseconds retry_in;
    int status;  // of the upstream's last answer; 0: there was none
  };
  [[nodiscard]] std::optional<held_back> look(std::uint64_t what, mono_time now) const;
  void note_failure(std::uint64_t what, int status, double chance, mono_time now);
  void note_success(std::uint64_t what);

private:
  static constexpr std::size_t size = 4096;
  struct trouble {
    std::uint64_t what = 0;
    unsigned failures = 0;  // in a row; 0: the place is free
    int status = 0;         // of the last one
    mono_time until{};
  };

  backoff_policy policy_;
  std::vector<trouble> places_ = std::vector<trouble>(size);
};

}  // namespace gateway
