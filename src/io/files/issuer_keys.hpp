// The public keys of the issuer of JWTs, from the file that the settings name (core/auth/jwk_set).
// Thread rule: any thread, but no event loop: the file is read at once.
#pragma once

#include "core/auth/access_in_force.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

access_look::issuer read_issuer(const jwt_settings& from, const fingerprint_key& key);

}  // namespace gateway
