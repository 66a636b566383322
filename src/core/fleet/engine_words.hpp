// Words and numbers in what the engine says. Nothing of it is trusted.
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/fleet/engine_reply.hpp"

namespace gateway {

// No number of a budget, a circuit or a quota is larger: Lua counts exactly so far.
inline constexpr std::uint64_t exact_in_lua = std::uint64_t{1} << 50;

// nullopt: it is no number from 0 to that.
inline std::optional<std::uint64_t> count_in(const engine_reply& item) {
  if (item.is != engine_reply::kind::integer || item.number < 0) return std::nullopt;
  auto const value = static_cast<std::uint64_t>(item.number);
  return value > exact_in_lua ? std::nullopt : std::optional{value};
}

// Takes the text up to the next space, and that space, away from `text`.
inline std::string_view next_word(std::string_view& text) {
  auto const word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace gateway
