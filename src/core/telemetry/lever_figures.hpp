// What is held by hand, for operators.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/limit/levers.hpp"

namespace gateway {

struct lever_figures {
  lever::kind what = lever::kind::pause;
  std::string account;   // "" for a pause
  std::string upstream;  // "" if there is only one
  std::uint64_t limit = 0;
  std::chrono::nanoseconds held_for{};
  std::chrono::nanoseconds ends_in{};
};

// Adds them to `text`, as a list.
void append_levers(std::string& text, const std::vector<lever_figures>& all);

}  // namespace gateway
