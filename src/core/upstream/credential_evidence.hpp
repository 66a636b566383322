// What an upstream answer says about the credential that asked, apart from what it says about the call.
// Source: Twilio's codes 17000–17007, 20003, 20403, 20404, 70051.
// Thread rule: pure function over values.
#pragma once

#include <cstdint>

#include "core/upstream/verdict.hpp"

namespace gateway {

enum class credential_evidence : std::uint8_t {
  unchanged,     // nothing: anybody could have got it
  accepted,      // it is somebody's, and nothing more: only an authenticated request gets such an answer
  proven,        // it may read this call, and so the calls of the account that the body names
  call_refused,  // it is somebody's, but not this call, and so no call of the account it belongs to; other accounts' as before
  refused,       // nothing at all any more: wrong, revoked, suspended or restricted
};

// Whether it shows that the credential is somebody's.
constexpr bool proves(credential_evidence now_is) {
  return now_is != credential_evidence::unchanged && now_is != credential_evidence::refused;
}

credential_evidence evidence_of(int status, const verdict& meaning);

// What an answer about something else than a summary says: no right to any summary, and a right to just that may be missing (17000, 70051,
// a 403 without a code). Only a credential that is nobody's, or a suspended one's, loses all.
credential_evidence passthrough_evidence(const verdict& meaning);

}  // namespace gateway
