#pragma once
// How long Twilio takes to answer: a distribution that is written as text (`5ms`, `uniform:1ms:20ms`, `lognormal:40ms:0.5`).
#include <chrono>
#include <optional>
#include <string_view>

#include "dice.hpp"

namespace simulator {

class latency_model {
public:
  latency_model() = default;  // answers at once

  static std::optional<latency_model> parse(std::string_view spec);
  std::chrono::microseconds sample(dice& chance) const;

private:
  enum class kind { fixed, uniform, lognormal };
  kind kind_ = kind::fixed;
  double first_ = 0;   // microseconds: the value, the lower end or the median
  double second_ = 0;  // microseconds: the upper end; or sigma, which has no unit
};

}  // namespace simulator
