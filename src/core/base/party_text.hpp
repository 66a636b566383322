// What a party's form is made of (core/base/party), for those who read one and for those who find one: characters that may be encoded
// twice, in a JSON string and percent-encoded inside of it, digits, and the parts of an address.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

struct decoded_character {
  char32_t value = 0;
  std::size_t size = 1;  // of what stands for it in the text
};

// The first character of a text that is not empty. Bytes that are no UTF-8 stand for themselves.
decoded_character first_character(std::string_view text);
// The same where nothing is encoded.
decoded_character plain_character(std::string_view text);

// What stands between the digits of a number that people write: blanks of all kinds, hyphens, points, brackets, a slash.
constexpr bool is_no_gap(char) { return false; }
inline constexpr char_set is_ascii_gap{" \t\n\r-.()/", is_no_gap};
bool is_digit_gap(char32_t c);

inline constexpr std::size_t longest_party_user = 128;
inline constexpr std::size_t longest_party_host = 253;
// The international prefix that a + stands for.
inline constexpr std::string_view international_prefix = "00";

constexpr bool may_be_in_user(char c) {
  return c > ' ' && c < '\x7f' && std::string_view{"<>\",()[]{}\\@"}.find(c) == std::string_view::npos;
}
inline constexpr char_set is_party_user{"", may_be_in_user};
inline constexpr char_set is_party_host{"._-", is_alnum};

inline constexpr std::array<std::string_view, 2> sip_schemes{"sip:", "sips:"};
inline constexpr std::array<std::string_view, 3> phone_schemes{"tel:", "whatsapp:", "callto:"};
// Takes the scheme off the front. False: it has none of these.
bool take_scheme(std::string_view& text, std::span<const std::string_view> schemes);

// The form of a number, from its digits; "" if it is none with a country code.
std::string phone_form(std::string_view digits);
// The user in what stands before an @: a scheme, parameters and a password are no part of it.
std::string_view user_in(std::string_view text);
// "" if it is no address.
std::string address_form(std::string_view user, std::string_view host);

}  // namespace gateway
