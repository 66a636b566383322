// Names that operators give to accounts, clients and each other: they stand in logs and audit lines, so nothing in them can be mistaken.
// Thread rule: pure function.
#pragma once

#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

// Up to 64 letters, digits, '-', '.' or '_'.
inline bool is_plain_name(std::string_view text) {
  static constexpr std::size_t longest = 64;
  static constexpr char_set is_name_char{"-._", is_alnum};
  return !text.empty() && text.size() <= longest && is_name_char.holds_all(text);
}

}  // namespace gateway
