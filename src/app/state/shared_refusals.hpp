// The refusals of all workers (core/auth/refusals): exact, and lock-free for credentials that were never refused.
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include "app/state/sharded.hpp"
#include "core/auth/refusals.hpp"

namespace gateway {

class shared_refusals {
public:
  // The order matters: a thread that sees the hint must find the refusal.
  void note(const partition& who, mono_time at) {
    exact_.with(who, [&](refusals& one) { one.note(who, at); });
    hints_.note(who, at);
  }
  // Whether the credential was refused at that moment or later.
  [[nodiscard]] bool since(const partition& who, mono_time moment) const {
    return hints_.perhaps_since(who, moment) && exact_.with(who, [&](const refusals& one) { return one.since(who, moment); });
  }
  [[nodiscard]] std::size_t size() const { return exact_.size(); }

private:
  // 65,536 in all, 6 MB at most: only credentials that once proved valid or own entries are noted.
  static constexpr std::size_t most_per_shard = 4096;

  refusal_hints hints_;
  sharded<refusals> exact_{sharded<refusals>::usual_count, most_per_shard};
};

}  // namespace gateway
