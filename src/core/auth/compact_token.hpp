// The form that all JWTs have: three parts in base64url, joined by dots. What the parts say is for those that use them.
// Source: RFC 7515 §2 and §7.1, RFC 7519 §2 (NumericDate).
// Thread rule: pure functions; parts refer to the token.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json_reader.hpp"
#include "core/base/time.hpp"

namespace gateway {

inline constexpr std::size_t max_token_size = 8 * 1024;

struct token_parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  // header and payload, as they were sent
};

// Nothing: the token is too long, or has not three parts that hold something.
std::optional<token_parts> split_token(std::string_view token);

// Strict: no padding, no foreign characters, no stray bits.
std::optional<std::string> decode_base64url(std::string_view text);

// Whole seconds from 1970 on. Nothing: another type, or beyond the range of wall_time.
std::optional<wall_time> date_in(const json_value& value);

}  // namespace gateway
