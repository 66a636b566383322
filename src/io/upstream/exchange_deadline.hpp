// When an exchange must have ended. Requests that join it while it is under way may extend it, because their own deadlines are later.
// Thread rule: a value; any thread may change the extension that it reads.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>

#include "core/base/time.hpp"

namespace gateway {

class exchange_deadline {
public:
  using extension = std::shared_ptr<const std::atomic<mono_time::rep>>;

  exchange_deadline() = default;
  exchange_deadline(mono_time at) : at_(at) {}  // NOLINT(google-explicit-constructor): most have no extension
  exchange_deadline(mono_time at, extension longer) : at_(at), longer_(std::move(longer)) {}

  // The current deadline.
  [[nodiscard]] mono_time at() const {
    if (!longer_) return at_;
    mono_time const longer{mono_time::duration{longer_->load(std::memory_order_relaxed)}};
    return std::max(at_, longer);
  }

private:
  mono_time at_{};
  extension longer_;  // null: there is none
};

}  // namespace gateway
