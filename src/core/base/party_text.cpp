#include "core/base/party_text.hpp"

#include <algorithm>

#include "core/base/party.hpp"

namespace gateway {
namespace {

constexpr std::size_t no_number = 0x10000;

// The value of the hexadecimal digits; no_number if there are others, or fewer.
std::size_t hex_value(std::string_view digits, std::size_t count) {
  if (digits.size() < count) return no_number;
  std::size_t value = 0;
  for (char const c : digits.substr(0, count)) {
    if (!is_hex(c)) return no_number;
    value = 16 * value + static_cast<std::size_t>(is_digit(c) ? c - '0' : lower(c) - 'a' + 10);
  }
  return value;
}

decoded_character escaped_character(std::string_view text) {
  if (text.size() < 2) return {'\\', 1};
  switch (text[1]) {
    case 'u':
      if (auto const value = hex_value(text.substr(2), 4); value != no_number) return {static_cast<char32_t>(value), 6};
      return {'u', 2};
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return {' ', 2};
    default:
      return {static_cast<unsigned char>(text[1]), 2};
  }
}

decoded_character unescaped_character(std::string_view text) {
  return text.front() == '\\' ? escaped_character(text) : plain_character(text);
}

}  // namespace

decoded_character plain_character(std::string_view text) {
  auto const size = utf8_size(text);
  auto const first = static_cast<unsigned char>(text.front());
  if (size < 2) return {first, 1};
  char32_t value = first & (0xffU >> (size + 1));
  for (char const c : text.substr(1, size - 1)) value = (value << 6) | (static_cast<unsigned char>(c) & 0x3fU);
  return {value, size};
}

decoded_character first_character(std::string_view text) {
  auto const first = unescaped_character(text);
  if (first.value != '%') return first;
  char coded[2] = {};
  auto size = first.size;
  for (char& c : coded) {
    if (size >= text.size()) return first;
    auto const next = unescaped_character(text.substr(size));
    if (next.value >= 0x80) return first;
    c = static_cast<char>(next.value);
    size += next.size;
  }
  auto const value = hex_value({coded, 2}, 2);
  return value == no_number ? first : decoded_character{static_cast<char32_t>(value), size};
}

bool is_digit_gap(char32_t c) {
  constexpr std::u32string_view others = U"\u00a0\u00ad\u2007\u2009\u200a\u200b\u2010\u2011\u2012\u2013\u2212\u202f";
  return c < 0x80 ? is_ascii_gap(static_cast<char>(c)) : others.find(c) != std::u32string_view::npos;
}

bool take_scheme(std::string_view& text, std::span<const std::string_view> schemes) {
  for (auto const scheme : schemes) {
    if (text.size() < scheme.size() || !iequals(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    return true;
  }
  return false;
}

std::string phone_form(std::string_view digits) {
  if (digits.starts_with(international_prefix)) digits.remove_prefix(international_prefix.size());
  bool const is_phone = digits.size() >= least_party_digits && digits.size() <= most_party_digits && digits.front() != '0';
  return is_phone ? std::string{"+"}.append(digits) : std::string{};
}

std::string_view user_in(std::string_view text) {
  for (auto at = text.size(); at-- > 0;) {
    auto rest = text.substr(at);
    if (take_scheme(rest, sip_schemes)) return rest.substr(0, rest.find_first_of(":;"));
  }
  text = text.substr(0, text.find(';'));
  return text.substr(text.find_last_of(':') + 1);
}

std::string address_form(std::string_view user, std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  if (user.empty() || host.empty() || user.size() > longest_party_user || host.size() > longest_party_host) return {};
  std::string made{user};
  made += '@';
  for (char const c : host) made += lower(c);
  return made;
}

}  // namespace gateway
