// A JWT by which a client of mode inject proves itself: a Kubernetes service account's, or any OIDC issuer's. Nothing that it says counts
// before its signature has been checked by a key of the issuer's file; the algorithm is that of the key, never one that the token chooses.
// Source: RFC 7515 (JWS, compact form), RFC 7519 (JWT), RFC 8725 (what went wrong with both).
// Thread rule: rules are immutable once made and shared as such. Time rule: `now` is an argument.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/proof_refusal.hpp"
#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"

namespace gateway {

// Checks signatures with one key (io/files/public_key).
class signature_check {
public:
  signature_check() = default;
  signature_check(const signature_check&) = delete;
  signature_check& operator=(const signature_check&) = delete;
  virtual ~signature_check() = default;
  [[nodiscard]] virtual bool passes(std::string_view text, std::string_view signature) const = 0;
};

enum class jwt_algorithm : std::uint8_t { rs256, es256, eddsa };
inline constexpr std::size_t jwt_algorithm_count = 3;
std::string_view name_of(jwt_algorithm one);

struct jwt_key {
  std::string id;  // kid; "" if it has none
  jwt_algorithm algorithm = jwt_algorithm::rs256;
  std::size_t signature_size = 0;  // of each signature by it
  std::shared_ptr<const signature_check> check;
};

struct jwt_rules {
  std::string issuer;
  std::string audience;
  std::chrono::nanoseconds clock_skew{0};
  std::vector<jwt_key> keys;
  digest content{};  // of the file with the keys
};

struct jwt_proof {
  std::string subject;  // sub
  wall_time until;      // when it ends, clock_skew included
};

// Whether a credential has the form of a JWT: no token that --hash-token takes has two dots by chance.
bool is_jwt(std::string_view token);

boost::system::result<jwt_proof, proof_refusal> prove(std::string_view token, const jwt_rules& rules, wall_time now);

}  // namespace gateway
