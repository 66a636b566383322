#include "accounts.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace simulator {
namespace {

constexpr std::string_view oauth_prefix = "OQ";

bool iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return {};
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return {};
    bits = (bits << 6) | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return out;
}

std::optional<credential_state> parse_credential_state(std::string_view name) {
  if (name == "active") return credential_state::active;
  if (name == "revoked") return credential_state::revoked;
  if (name == "restricted") return credential_state::restricted;
  if (name == "suspended") return credential_state::suspended;
  return {};
}

std::string numbered_sid(std::string_view prefix, unsigned number) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%032u", number);
  return std::string{prefix} + digits;
}

bool is_sid(std::string_view text, std::string_view prefix) {
  return text.size() == 34 && text.starts_with(prefix) &&
         std::ranges::all_of(text.substr(2), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

account_directory::account_directory() {
  const std::string parent = numbered_sid("AC", 1);
  for (const unsigned number : {1U, 2U, 3U, 4U, 9U}) {
    account& added = account_of(numbered_sid("AC", number));
    if (number == 2 || number == 3) added.parent = parent;
  }
  put_credential(parent, "parent-token", parent, credential_state::active);
  put_credential(numbered_sid("AC", 2), "sub-token", numbered_sid("AC", 2), credential_state::active);
  put_credential(numbered_sid("AC", 3), "sibling-token", numbered_sid("AC", 3), credential_state::active);
  put_credential(numbered_sid("AC", 4), "suspended-token", numbered_sid("AC", 4), credential_state::suspended);
  put_credential(numbered_sid("AC", 9), "other-token", numbered_sid("AC", 9), credential_state::active);
  put_credential(numbered_sid("SK", 1), "key-secret", parent, credential_state::active);
  put_credential(numbered_sid("SK", 2), "restricted-secret", parent, credential_state::restricted);
  put_credential(numbered_sid("SK", 3), "revoked-secret", parent, credential_state::revoked);
  put_credential("bearer", "bearer-token-01", parent, credential_state::active);
  put_credential(numbered_sid("OQ", 1), "client-secret", parent, credential_state::active);
}

account& account_directory::account_of(std::string_view sid) {
  const auto found = accounts_.find(sid);
  if (found != accounts_.end()) return found->second;
  account& added = accounts_[std::string{sid}];
  added.sid = sid;
  return added;
}

std::string account_directory::secret_of(std::string_view user) const {
  const auto found = credentials_.find(user);
  return found == credentials_.end() ? std::string{} : found->second.secret;
}

void account_directory::put_credential(std::string_view user, std::string_view secret, std::string_view account_sid,
                                       credential_state state) {
  account_of(account_sid);
  const std::string key = user == "bearer" ? "bearer " + std::string{secret} : std::string{user};
  credentials_[key] = credential{std::string{secret}, std::string{account_sid}, state};
}

bool account_directory::is_oauth_client(std::string_view client, std::string_view secret) const {
  const auto found = credentials_.find(client);
  return client.starts_with(oauth_prefix) && found != credentials_.end() && found->second.secret == secret &&
         found->second.state == credential_state::active;
}

identity account_directory::identify(std::optional<std::string_view> authorization, const token_lookup& client_of) {
  identity result;
  if (!authorization) return result;
  const auto space = authorization->find(' ');
  if (space == std::string_view::npos) return result;
  const std::string_view scheme = authorization->substr(0, space);
  const std::string_view rest = authorization->substr(space + 1);
  std::string key, secret;
  if (iequals(scheme, "Bearer")) {
    result.user = "bearer";
    secret = rest;
    const auto client = client_of ? client_of(rest) : std::nullopt;
    key = client ? *client : "bearer " + secret;
    if (client) secret = secret_of(*client);
  } else if (iequals(scheme, "Basic")) {
    const auto pair = decode_base64(rest);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return result;
    key = pair->substr(0, colon);
    secret = pair->substr(colon + 1);
    result.user = key.substr(0, 64);
    if (key.starts_with(oauth_prefix)) return result;  // a client is known to the token endpoint only
  }
  const auto found = credentials_.find(key);
  if (found == credentials_.end() || found->second.secret != secret) return result;
  switch (found->second.state) {
    case credential_state::revoked:
      return result;
    case credential_state::restricted:
      result.error_code = 70051;
      return result;
    case credential_state::suspended:
      result.error_code = 20403;
      return result;
    case credential_state::active:
      break;
  }
  result.who = &account_of(found->second.account_sid);
  result.error_code = 0;
  return result;
}

bool account_directory::may_read(const account& viewer, std::string_view owner_sid) const {
  if (viewer.sid == owner_sid) return true;
  const auto owner = accounts_.find(owner_sid);
  return owner != accounts_.end() && owner->second.parent == viewer.sid;
}

}  // namespace simulator
