#include "core/cache/admission.hpp"

#include <array>

namespace gateway {

std::string_view name_of(not_stored reason) {
  static constexpr std::array<std::string_view, not_stored_count> names{
      "wrong_call",  "wrong_account",    "unusable_body",  "partial",   "unknown_state", "content_type", "ambiguous", "malformed_account",
      "record_over", "upstream_forbids", "client_forbids", "too_large", "lesser",        "overtaken",    "erased",    "never"};
  static_assert(!names.back().empty(), "a reason without a name");
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace gateway
