// What a file with a secret may look like, for every *_file setting that names one. Editors, shells and tools add a byte order mark, blanks
// and line ends: these mean nothing. Anything else that would make the secret useless is refused, with the reason and with what would be
// right, but never with a part of the content.
// Thread rule: pure functions; the result refers to the text that it was made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

enum class secret_form : std::uint8_t {
  account_credential,  // credentials.accounts[].credential_file
  oauth_secret,        // credentials.accounts[].oauth.client_secret_file
  client_tokens,       // credentials.clients[].token_file
  proxy_credential,    // upstream.proxy_credential_file
  admin_token,         // admin.token_file
  open_admin_token,    // the same, if other machines reach the admin listener
  event_tokens,        // events.auth_token_file
  engine_password,     // fleet.password_file
  fleet_keys,          // fleet.key_file
  snapshot_key,        // snapshot.key_file
};
inline constexpr std::size_t secret_form_count = 10;

// Which other users of this machine the file must be kept from. A hash admits no client, so all may read it.
enum class kept_from : std::uint8_t { none, writers, readers_and_writers };
kept_from others_kept_from(secret_form form);

secret_form admin_token_form(const admin_settings& admin);

struct secret_lines {
  std::vector<std::string_view> lines;  // without blank lines and surrounding blanks; none with a reason
  std::string why_not;                  // "must hold …"; "" if the content can be used
  bool is_empty = false;                // nothing but blanks
};
secret_lines parse_secret_file(std::string_view bytes, secret_form form);

}  // namespace gateway
