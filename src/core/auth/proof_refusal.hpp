// Why a proof that a client showed proves nothing: a certificate whose names cannot be used, or a JWT. The client hears none of this: its
// answer is that of an unknown token. The word is for metrics and the log.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class proof_refusal : std::uint8_t {
  certificate_unreadable,  // its subject alternative names cannot be read, or are there twice
  certificate_names,       // it has too many of them
  certificate_malformed,   // one of them is malformed
  certificate_spiffe,      // it has another URI beside a SPIFFE id
  certificate_ambiguous,   // its names are those of several clients
  jwt_malformed,           // no JWT that can be read in one way only, or too large
  jwt_algorithm,           // none of those that are taken
  jwt_key,                 // signed by a key that is not in the file, or that is for another algorithm
  jwt_signature,           // not by that key
  jwt_issuer,              // of another issuer
  jwt_audience,            // for somebody else
  jwt_expired,             // its time is over
  jwt_early,               // its time has not come
  jwt_subject,             // of no client
};
inline constexpr std::size_t proof_refusal_count = 14;
std::string_view name_of(proof_refusal why);

}  // namespace gateway
