#include "core/request/query.hpp"

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr int digit_of(char c) { return is_digit(c) ? c - '0' : lower(c) - 'a' + 10; }

// The first character of a text that is not empty, decoded; it is taken away.
char take(std::string_view& text) {
  bool const escaped = text.size() >= 3 && text[0] == '%' && is_hex(text[1]) && is_hex(text[2]);
  auto const taken = escaped ? static_cast<char>(16 * digit_of(text[1]) + digit_of(text[2])) : text[0];
  text.remove_prefix(escaped ? 3 : 1);
  return taken;
}

}  // namespace

bool decodes_to(std::string_view text, std::string_view plain) {
  if (text.find('%') == std::string_view::npos) return text == plain;
  while (!text.empty() && !plain.empty()) {
    if (take(text) != plain.front()) return false;
    plain.remove_prefix(1);
  }
  return text.empty() && plain.empty();
}

std::string decoded(std::string_view text) {
  std::string plain;
  while (!text.empty()) plain += take(text);
  return plain;
}

bool encodes_control(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return false;
  while (!text.empty()) {
    if (auto const byte = static_cast<unsigned char>(take(text)); byte < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

}  // namespace gateway
