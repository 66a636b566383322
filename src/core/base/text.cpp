#include "core/base/text.hpp"

#include <algorithm>
#include <bit>

namespace gateway {
namespace {

constexpr char hex[] = "0123456789abcdef";

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && is_token_char.holds_all(text); }

bool is_field_value(std::string_view value) {
  auto const is_plain = [](eight_bytes some) { return !some.has_less_than(0x20) && !some.has(0x7f); };
  static constexpr char_set is_value_char{"\t", [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }};
  return all_of_eights(is_plain, value) || is_value_char.holds_all(value);  // the second test exists for tabs only
}

bool same_letters(std::string_view a, std::string_view b) { return all_of_eights(same_lower, a, b); }

std::string_view trim_ows(std::string_view text) {
  auto const is_ows = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number{};
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;  // defence: digits-only
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

void append_hex(std::string& out, std::uint64_t bits) {
  std::array<char, 16> digits{};
  for (auto& digit : digits) {
    bits = std::rotl(bits, 4);
    digit = hex[bits & 15];
  }
  out.append(digits.data(), digits.size());
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  static constexpr char_set is_unreserved{"-._~", is_alnum};
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      out += c;
    } else {
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
}

std::size_t utf8_size(std::string_view text) {
  auto const at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  auto const lead = at(0);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  std::size_t const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte excludes overlong forms, surrogates, and what is beyond U+10FFFF.
  unsigned const lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned const highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < lowest || at(1) > highest) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (at(i) < 0x80 || at(i) > 0xbf) return 0;
  }
  return size;
}

void append_json_escaped(std::string& out, std::string_view text) {
  for_each_character(text, [&](std::string_view character) {
    auto const byte = static_cast<unsigned char>(character.front());
    if (byte == '"' || byte == '\\') {
      out.append("\\").append(character);
    } else if (byte < 0x20 || byte == 0x7f) {  // defence: json-escapes
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += character;
    }
  });
}

}  // namespace gateway
