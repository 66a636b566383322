// The public keys of an issuer, as its JSON Web Key Set has them. A key of a kind that is not taken is passed over, since issuers have keys
// for other purposes too. What makes a key of a taken kind useless or weak makes the whole file unusable, so that nobody relies on it.
// Source: RFC 7517 (JWK), RFC 7518 §6 (RSA, P-256), RFC 8037 §2 (Ed25519).
// Thread rule: a pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/jwt.hpp"

namespace gateway {

inline constexpr std::size_t max_jwks_bytes = 256 * 1024;
inline constexpr std::size_t max_jwks_keys = 64;

struct jwk {
  std::string id;  // kid; "" if it has none
  jwt_algorithm algorithm = jwt_algorithm::rs256;
  std::string first;   // RSA: the modulus; P-256 and Ed25519: x
  std::string second;  // RSA: the exponent; P-256: y
  // Of each signature by it.
  [[nodiscard]] std::size_t signature_size() const { return algorithm == jwt_algorithm::rs256 ? first.size() : 64; }
};

struct jwk_set {
  std::vector<jwk> keys;  // none with a reason
  std::string why_not;    // "holds …"; "" if the file can be used
};
jwk_set parse_jwk_set(std::string_view text);

}  // namespace gateway
