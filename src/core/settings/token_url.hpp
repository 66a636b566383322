// The URL of an OAuth token endpoint: its origin, and the path that a request for a token names.
// Thread rule: a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

struct token_url {
  // https:// or http://HOST[:PORT]/PATH, without user, query or fragment.
  static std::optional<token_url> parse(std::string_view text);

  origin host;
  std::string path;
};

// The authorities that vouch for the endpoint.
inline const std::string& authorities_of(const oauth_settings& s, const upstream_settings& upstream) {
  return s.ca_file.empty() ? upstream.ca_file : s.ca_file;
}

}  // namespace gateway
