// Why the last answers about some calls were not kept, for explain: a small table that forgets by overwriting.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument.
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

  void note(const cache_key& key, not_stored reason, mono_time now) { places_[key.hash % places_.size()] = noted{key, reason, now}; }
  // What was noted about one call and not overwritten since; linear.
  [[nodiscard]] std::vector<noted> about(const call_sid& call) const;

private:
  static constexpr std::size_t size = 1024;
  std::vector<std::optional<noted>> places_ = std::vector<std::optional<noted>>(size);
};

}  // namespace gateway
