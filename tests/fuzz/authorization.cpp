// Any bytes as an Authorization value: the same credential in another spelling is the same, and a memo never says anything else.
#include <cctype>
#include <string>

#include "core/auth/authorizer.hpp"
#include "core/auth/credentials.hpp"
#include "core/base/text.hpp"
#include "target.hpp"

namespace gateway {
namespace {

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto const group = bytes.substr(at, 3);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= group.size() ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  static constexpr fingerprint_key key{std::byte{1}};
  static client from;
  static access_rules const rules{1, key, {}, {}};
  auto const value = text_of(data, size);

  auto const parsed = parse_authorization(value);
  auto const found = identity_of(value, key);
  claim(found.has_value() == parsed.has_value(), "a credential has a partition");
  for (int times = 0; times < 2; ++times) {
    auto const who = authorize(from, value, rules);
    claim(who.has_value() == found.has_value() && (!found || (*who)->owner == found->owner), "the memo says the same");
  }
  if (!parsed) {
    claim((parsed.error() == fault::missing_credentials) == value.empty(), "only nothing is missing");
    return 0;
  }
  auto const canonical = parsed->canonical.reveal();
  bool const basic = canonical.starts_with("basic:");
  claim(basic || canonical.starts_with("bearer:"), "there are two schemes");
  auto const content = canonical.substr(canonical.find(':') + 1);
  for (char const c : content) claim(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control byte gets through");
  auto const anew = basic ? "bASIC   " + base64(content) : "BEARER  " + std::string{content};
  auto const again = parse_authorization(anew);
  claim(again && again->canonical.same_as(canonical), "another spelling is the same credential");
  auto const composed = parse_authorization(compose_authorization(content).reveal());
  claim(composed && composed->canonical.same_as(canonical), "in a file it is the same credential");
  return 0;
}
