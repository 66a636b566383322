// What an upstream answer says about the request's credential, apart from what it says about the call.
// Source: Twilio's codes 17000–17007, 20003, 20403, 20404, 70051.
// Thread rule: pure function over values.
#pragma once

#include <cstdint>
#include <optional>

#include "core/request/route.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

enum class credential_evidence : std::uint8_t {
  unchanged,     // nothing: an invalid credential could get the same answer
  accepted,      // it is valid: only an authenticated request gets such an answer
  proven,        // it may read this call, and so all calls of the account that the body names
  call_refused,  // it is valid, but may not read this call, and so no call of that account; other accounts are not affected
  refused,       // it may read nothing: wrong, revoked, suspended or restricted
};

// Whether it shows that the credential is valid.
constexpr bool proves(credential_evidence now_is) {
  return now_is != credential_evidence::unchanged && now_is != credential_evidence::refused;
}

credential_evidence evidence_of(int status, const verdict& meaning);

// The evidence of a passthrough answer. It proves no right to a summary, and a refusal may concern that resource only (17000, 70051, a 403
// without a code). So only an invalid or suspended credential counts as refused.
credential_evidence passthrough_evidence(const verdict& meaning);

// Mode inject: what an answer refuses to the gateway's own credential.
enum class refusal_scope : std::uint8_t {
  all,   // the credential is wrong, revoked or suspended
  kind,  // it may not read this kind of resource (a restricted API key)
};
// Nothing: the answer is not about the credential. A call of another account (17000) is none of its troubles, nor is a 403 without a known
// code beside summaries, which may concern that one resource.
std::optional<refusal_scope> refusal_of(int status, const verdict& meaning, resource what);

}  // namespace gateway
