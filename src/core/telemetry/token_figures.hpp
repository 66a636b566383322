// What the metrics tell of OAuth tokens for the upstream.
// Thread rule: a value.
#pragma once

#include <array>
#include <cstdint>

#include "core/upstream/token_answer.hpp"

namespace gateway {

struct token_figures {
  std::array<std::uint64_t, token_result_count> refreshes{};
  std::uint64_t failing = 0;     // accounts whose last refresh failed, or whose tokens the upstream refuses
  double first_end_seconds = 0;  // until the first token ends; 0: an account has none
};

}  // namespace gateway
