// Checks signatures of JWTs with OpenSSL: RSASSA-PKCS1-v1_5 with SHA-256, ECDSA on P-256 with SHA-256, Ed25519.
// Thread rule: any thread; a check is immutable once made.
#pragma once

#include <memory>

#include "core/auth/jwk_set.hpp"

namespace gateway {

// Null: the numbers are no key, such as a point that is not on its curve.
std::shared_ptr<const signature_check> make_check(const jwk& key);

}  // namespace gateway
