#include "core/auth/proof_refusal.hpp"

#include <array>

namespace gateway {

std::string_view name_of(proof_refusal why) {
  static constexpr std::array<std::string_view, proof_refusal_count> names{"certificate_unreadable",
                                                                           "certificate_names",
                                                                           "certificate_malformed",
                                                                           "certificate_spiffe",
                                                                           "certificate_ambiguous",
                                                                           "jwt_malformed",
                                                                           "jwt_algorithm",
                                                                           "jwt_key",
                                                                           "jwt_signature",
                                                                           "jwt_issuer",
                                                                           "jwt_audience",
                                                                           "jwt_expired",
                                                                           "jwt_early",
                                                                           "jwt_subject"};
  return names[static_cast<std::size_t>(why)];
}

}  // namespace gateway
