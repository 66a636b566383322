#include "core/auth/credentials.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "core/auth/token.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

using boost::system::result;

constexpr std::string_view basic_prefix = "basic:";
constexpr std::string_view bearer_prefix = "bearer:";

// Strict base64 (RFC 4648 §4): padded, no foreign characters, no stray bits. "" for anything else.
std::string decode_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  char const* end = nullptr;
  int const failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                                       &size, &end, sodium_base64_VARIANT_ORIGINAL);
  bytes.resize(failed != 0 || end != text.data() + text.size() ? 0 : size);
  return bytes;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// RFC 7617 §2: user-id ":" password without control characters. Both must be present, because Twilio accepts neither alone.
bool is_user_and_password(std::string_view pair) {
  auto const colon = pair.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == pair.size()) return false;
  return std::ranges::none_of(pair, is_control);
}

// Wipes its argument.
secret take(std::string& text) {
  secret taken{text};
  sodium_memzero(text.data(), text.size());
  return taken;
}

credentials canonical(std::string_view scheme, std::string_view bytes) {
  std::string joined;
  joined.reserve(scheme.size() + bytes.size());
  joined.append(scheme).append(bytes);
  return {take(joined)};
}

// The credential in base64 behind the scheme's name.
secret compose_basic(std::string_view pair) {
  std::string value(6 + sodium_base64_ENCODED_LEN(pair.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  value.replace(0, 6, "Basic ");
  sodium_bin2base64(value.data() + 6, value.size() - 6, reinterpret_cast<const unsigned char*>(pair.data()), pair.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  value.pop_back();  // the terminator
  return take(value);
}

}  // namespace

std::string_view credentials::token() const {
  auto const text = canonical.reveal();
  if (text.starts_with(bearer_prefix)) return text.substr(bearer_prefix.size());
  return text.substr(text.find(':', basic_prefix.size()) + 1);
}

std::string_view credentials::user() const {
  auto const text = canonical.reveal();
  if (!text.starts_with(basic_prefix)) return {};
  auto const pair = text.substr(basic_prefix.size());
  return pair.substr(0, pair.find(':'));
}

secret compose_bearer(std::string_view token) {
  if (!is_bearer_token(token)) return {};
  std::string value{"Bearer "};
  value.reserve(value.size() + token.size());  // growing would leave a copy of the secret behind
  value += token;
  return take(value);
}

secret compose_authorization(std::string_view credential) {
  if (auto bearer = compose_bearer(credential); !bearer.empty()) return bearer;
  return is_user_and_password(credential) ? compose_basic(credential) : secret{};
}

secret compose_proxy_authorization(std::string_view credential) { return compose_basic(credential); }

result<credentials, fault> parse_authorization(std::string_view value) {
  if (value.empty()) return fault::missing_credentials;
  auto const space = value.find(' ');
  if (space == std::string_view::npos) return fault::unreadable_credentials;
  auto const scheme = value.substr(0, space);
  auto const rest = trim_ows(value.substr(space));
  if (iequals(scheme, "bearer") && is_bearer_token(rest)) return canonical(bearer_prefix, rest);
  if (!iequals(scheme, "basic")) return fault::unreadable_credentials;
  auto pair = decode_base64(rest);
  result<credentials, fault> made = fault::unreadable_credentials;
  if (is_user_and_password(pair)) made = canonical(basic_prefix, pair);
  sodium_memzero(pair.data(), pair.size());
  return made;
}

}  // namespace gateway
