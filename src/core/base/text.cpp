#include "core/base/text.hpp"

#include <algorithm>

namespace gateway {
namespace {

constexpr char hex[] = "0123456789abcdef";

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : c == '\t';
  });
}

bool iequals(std::string_view a, std::string_view b) { return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trim_ows(std::string_view text) {
  auto const is_ows = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number{};
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

void append_hex(std::string& out, std::uint64_t bits) {
  for (int shift = 60; shift >= 0; shift -= 4) out += hex[(bits >> shift) & 15];
}

void append_json_escaped(std::string& out, std::string_view text) {
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace gateway
