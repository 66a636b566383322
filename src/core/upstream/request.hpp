// The one request that goes upstream. It is made anew, with nothing of the client's but the call, the state and the credential:
// an odd header of one client cannot spoil the answer that others will share.
// Thread rule: pure functions.
#pragma once

#include <string_view>

#include "core/base/secret.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

// A whole request head, ready to be written. Secret because of the Authorization in it.
secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization);

// Whether a failed exchange may be tried once more on a new connection: only if the connection had been used before (the server may have
// closed it while we wrote), it was the first try, and not a byte of an answer was seen (RFC 9112 §9.3.1).
inline bool may_retry(bool reused, int attempt, bool answer_begun) { return reused && attempt == 1 && !answer_begun; }

}  // namespace gateway
