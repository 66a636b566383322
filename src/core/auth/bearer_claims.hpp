// What a bearer token says of itself, if it is a JWT. Nothing here is verified: only the upstream can. So the claims never grant anything.
// They say which tokens may share what the upstream has shown to each of them, and they can only shorten how long a token counts.
// Source: RFC 7519 (JWT), RFC 7515 §2 (base64url), RFC 9068 (JWT access tokens).
// Thread rule: a pure function.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"

namespace gateway {

struct bearer_claims {
  digest subject{};     // a keyed fingerprint of iss, sub, aud and scope
  wall_time expires{};  // exp
};

// Nothing: the token is opaque. A token that is too long, or whose claims are incomplete, given twice or of another type, counts as opaque.
std::optional<bearer_claims> read_claims(std::string_view token, const fingerprint_key& key);

}  // namespace gateway
