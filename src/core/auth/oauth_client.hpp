// Mode inject: how the gateway gets bearer tokens for an account, instead of holding its credential (RFC 6749 §4.4, client credentials).
// Thread rule: a value; share it only as const.
#pragma once

#include <string>

#include "core/base/secret.hpp"

namespace gateway {

struct oauth_client {
  std::string client_id;
  std::string token_url;
  secret client_secret;

  [[nodiscard]] bool same_as(const oauth_client& other) const {
    return client_id == other.client_id && token_url == other.token_url && client_secret.same_as(other.client_secret.reveal());
  }
};

}  // namespace gateway
