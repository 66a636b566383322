// What an upstream answer says about the credential that asked, apart from what it says about the call.
// Source: Twilio's codes 17000, 20003, 20403, 70051.
// Thread rule: pure function over values.
#pragma once

#include <cstdint>

#include "core/upstream/verdict.hpp"

namespace gateway {

enum class standing : std::uint8_t {
  unchanged,     // nothing
  proven,        // it may read this call, and so the calls of the account that the body names
  call_refused,  // not this call, and so no call of the account it belongs to; other accounts' as before
  refused,       // nothing at all any more: wrong, revoked, suspended or restricted
};

standing standing_of(int status, const verdict& meaning);

// What an answer about something else than a summary says of the credential's right to summaries: it proves nothing, and a right to that
// alone may be missing (17000, 70051, a 403 without a code). Only a credential that is nobody's, or a suspended one's, loses all.
standing standing_beside(const verdict& meaning);

}  // namespace gateway
