// ASCII text as protocols use it: classes of characters, trimming, comparing and numbers, all independent of the locale.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/eight_bytes.hpp"

namespace gateway {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Bytes as text, for what hashes or appends text.
template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A set of characters as a table: one load per character, built at compile time.
class char_set {
public:
  consteval char_set(std::string_view others, bool (*base)(char)) {
    for (int i = 0; i < 256; ++i) member_[static_cast<std::size_t>(i)] = base(static_cast<char>(i));
    for (char const c : others) member_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool operator()(char c) const { return member_[static_cast<unsigned char>(c)]; }
  // Tests every character without a branch, since the text is nearly always valid.
  [[nodiscard]] constexpr bool holds_all(std::string_view text) const {
    bool all = true;
    for (char const c : text) all &= (*this)(c);
    return all;
  }

private:
  std::array<bool, 256> member_{};
};

// RFC 9110 §5.6.2 tchar.
inline constexpr char_set is_token_char{"!#$%&'*+-.^_`|~", is_alnum};
bool is_token(std::string_view text);

// RFC 9110 §5.5: visible characters, SP, HTAB and obs-text; no other control byte, so no CR, LF or NUL either.
bool is_field_value(std::string_view value);

// Texts are equal if their letters differ in case only; only ASCII has letters.
bool same_letters(std::string_view a, std::string_view b);  // of texts of the same size
// Most names differ in size, which saves the call.
inline bool iequals(std::string_view a, std::string_view b) { return a.size() == b.size() && same_letters(a, b); }
// The size of a literal is known here, which saves most of the work.
template <std::size_t Size>
bool iequals(std::string_view text, const char (&literal)[Size]) {
  return text.size() == Size - 1 && all_of_eights(same_lower, std::string_view{literal, Size - 1}, text);
}

// The size of the well-formed character in UTF-8 that the text begins with (Unicode, table 3-7); 0 if there is none.
std::size_t utf8_size(std::string_view text);

// RFC 9110 §5.6.3: optional white space is SP and HTAB, nothing else.
std::string_view trim_ows(std::string_view text);

// Calls see(character) for each character of the text, as its bytes in UTF-8; for bytes that are no UTF-8, with U+FFFD.
template <std::invocable<std::string_view> F>
void for_each_character(std::string_view text, F&& see) {
  while (!text.empty()) {
    auto const size = utf8_size(text);
    see(size == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

// Calls see(element) for each non-empty, trimmed element of a comma-separated list (RFC 9110 §5.6.1.2).
template <std::invocable<std::string_view> F>
void for_each_element(std::string_view list, F&& see) {
  while (!list.empty()) {
    auto const comma = list.find(',');
    if (auto const element = trim_ows(list.substr(0, comma)); !element.empty()) see(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// Digits only: no sign, no space, no empty text, no overflow.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

inline void append_number(std::string& out, std::integral auto number) {
  char digits[24];
  auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

// Sixteen digits, lower case.
void append_hex(std::string& out, std::uint64_t bits);
// Two digits for each byte.
std::string hex_of(std::string_view bytes);
// RFC 3986 §2.1: every byte that is not unreserved becomes %XX. What a query and a form (RFC 6749 appendix B) may hold as a value.
void append_percent_encoded(std::string& out, std::string_view text);

// Writes the inside of a JSON string: quotes, backslashes and control bytes are escaped, everything else is unchanged.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace gateway
