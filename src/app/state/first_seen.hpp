// Names that strangers choose, each reported once. Beyond a bound no further name is new, so that neither memory nor the log can grow.
// Thread rule: any thread.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

class first_seen {
public:
  static constexpr std::size_t most = 100;

  // Whether the name, in any case of letters, comes for the first time.
  bool is_new(std::string_view name) {
    std::string key{name};
    for (auto& c : key) c = lower(c);
    std::scoped_lock const locked{mutex_};
    if (names_.size() >= most) return false;  // defence: names-bounded
    return names_.insert(std::move(key)).second;
  }

private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

}  // namespace gateway
