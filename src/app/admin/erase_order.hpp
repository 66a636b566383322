// What POST /api/erase has as content: the number as it is, or {"number": "…"}. The number stands nowhere else, because URLs are logged.
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/secret.hpp"

namespace gateway {

// The one form of the number (core/base/party). Nothing: `why_not` says what would be right, and repeats nothing of it. `has_query`,
// `is_coded`: of the request.
std::optional<secret> read_erase(bool has_query, bool is_coded, std::string_view content, std::string_view& why_not);

}  // namespace gateway
