// Why recent answers were not stored, for explain: a small table that overwrites old slots.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/key.hpp"

namespace gateway {

class recently_not_stored {
public:
  struct noted {
    cache_key key;
    not_stored reason;
    mono_time at;
  };

  void note(const cache_key& key, not_stored reason, mono_time now) { slots_[key.hash % slots_.size()] = noted{key, reason, now}; }
  // The notes about one call that were not overwritten; linear.
  [[nodiscard]] std::vector<noted> about(const call_sid& call) const;

private:
  static constexpr std::size_t size = 1024;
  std::vector<std::optional<noted>> slots_ = std::vector<std::optional<noted>>(size);
};

}  // namespace gateway
