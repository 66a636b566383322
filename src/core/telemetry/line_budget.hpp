// How many lines of the access log each fault gets in a second, so that a flood of one refusal neither fills the log nor hides another
// fault. Requests without a line count in the weight of their fault's next line.
// Thread rule: belongs to one worker. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/base/fault.hpp"
#include "core/limit/token_bucket.hpp"

namespace gateway {

class line_budget {
public:
  // `per_second`: of each fault; 0: no bound.
  explicit line_budget(std::uint64_t per_second) : rate_{per_second, std::chrono::seconds{1}} {}

  // The weight of this request's line; 0: it gets none.
  std::uint32_t take(std::optional<fault> why, mono_time now) {
    if (rate_.tokens == 0) return 1;
    auto& its = shares_[why ? static_cast<std::size_t>(*why) : fault_count];
    ++its.left_out;
    if (!its.bucket.take(rate_, now).allowed) return 0;  // defence: lines-per-fault
    return std::exchange(its.left_out, 0);
  }

private:
  struct share {
    token_bucket bucket;
    std::uint32_t left_out = 0;  // since its last line
  };

  token_rate rate_;
  std::array<share, fault_count + 1> shares_{};  // the last: of failures that Twilio's answer reports
};

}  // namespace gateway
