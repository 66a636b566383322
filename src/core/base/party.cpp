#include "core/base/party.hpp"

#include <algorithm>
#include <string>

#include "core/base/party_text.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t longest_text = 512;

constexpr std::string_view is_none =
    "That is no phone number with its country code, such as +44 20 7946 0018, and no SIP address, such as sip:desk@pbx.example.";
constexpr std::string_view is_too_long = "A phone number has at most 15 digits, and an address is no longer than 512 characters.";
constexpr std::string_view is_too_short = "A phone number has at least 7 digits, its country code included.";
constexpr std::string_view is_national = "A phone number begins with its country code: +44 20 7946 0018, not 020 7946 0018.";

std::optional<secret> read_phone(std::string_view text, std::string_view& why_not) {
  text = text.substr(0, text.find(';'));
  why_not = is_none;
  std::string digits;
  for (bool may_be_plus = true; !text.empty();) {
    auto const next = plain_character(text);
    bool const is_trunk = !digits.empty() && text.starts_with("(0)");
    if (next.value < 0x80 && is_digit(static_cast<char>(next.value))) {
      digits += static_cast<char>(next.value);
      may_be_plus = false;
    } else if (next.value == '+' && may_be_plus) {
      may_be_plus = false;
    } else if (!is_digit_gap(next.value)) {
      return std::nullopt;
    }
    text.remove_prefix(is_trunk ? 3 : next.size);
  }
  secret form{phone_form(digits)};
  if (form.empty() && !digits.empty()) {
    why_not = digits.size() < least_party_digits ? is_too_short : digits.size() > most_party_digits ? is_too_long : is_national;
  }
  wipe(digits);
  return form.empty() ? std::nullopt : std::optional{std::move(form)};
}

std::optional<secret> read_address(std::string_view text, std::string_view& why_not) {
  why_not = is_none;
  auto const at = text.find('@');
  auto const before = text.substr(0, at);
  auto host = text.substr(at + 1);
  host = host.substr(0, host.find_first_of(":;?"));
  auto rest = before;
  if (!take_scheme(rest, sip_schemes) && rest.find(':') != std::string_view::npos) return std::nullopt;
  if (!std::ranges::all_of(before, is_party_user) || !std::ranges::all_of(host, is_party_host)) return std::nullopt;
  auto const user = user_in(before);
  std::string_view no_phone;
  if (user.starts_with('+')) {
    if (auto phone = read_phone(user, no_phone)) return phone;
  }
  secret form{address_form(user, host)};
  return form.empty() ? std::nullopt : std::optional{std::move(form)};
}

}  // namespace

std::optional<secret> read_party(std::string_view text, std::string_view& why_not) {
  why_not = is_too_long;
  if (text.size() > longest_text) return std::nullopt;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view{" \t\r\n"}.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  why_not = is_none;
  if (text.find_first_of("\r\n\\") != std::string_view::npos) return std::nullopt;  // several lines are several numbers
  // Percent-encoded ASCII first.
  std::string plain;
  while (!text.empty()) {
    auto const next = first_character(text);
    if (next.value < 0x80) plain += static_cast<char>(next.value);
    if (next.value >= 0x80) plain += text.substr(0, next.size);
    text.remove_prefix(next.size);
  }
  std::string_view view = plain;
  bool const is_address = view.find('@') != std::string_view::npos;
  if (!is_address) take_scheme(view, phone_schemes);
  auto made = is_address ? read_address(view, why_not) : read_phone(view, why_not);
  wipe(plain);
  return made;
}

}  // namespace gateway
