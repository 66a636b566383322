// What goes upstream. A request is made anew, with nothing of the client's but what it asks for, the credential and an annotation's form:
// an odd header of one client cannot spoil the answer that others will share.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/secret.hpp"
#include "core/request/passthrough_request.hpp"
#include "core/request/summary_request.hpp"
#include "core/request/trace_context.hpp"

namespace gateway {

// The fields that continue a trace upstream, each with its CRLF: the upstream's parent is `span`, of this exchange. A tracestate goes on
// only beside a traceparent that was good.
std::string trace_fields(const trace_place& place, span_id span, const field_lines& tracestate);

// A whole request, ready to be written. Secret because of the Authorization in it, and of what people say about a call.
// `trace`: as trace_fields() made them.
secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization,
                       std::string_view trace);
secret compose_request(std::string_view host, const passthrough_request& asked, std::string_view authorization, std::string_view trace);

// Whether it may be sent twice: what changes something may not (RFC 9110 §9.2.2).
enum class repetition : std::uint8_t { safe, never };

// A connection that has lain idle may be dying. Only the first try of what could be repeated is risked on one.
inline bool may_reuse(repetition twice, int attempt) { return twice == repetition::safe && attempt == 1; }

// Whether a failed exchange may be tried once more on a new connection: only if the connection had been used before (the server may have
// closed it while we wrote), it was the first try, and not a byte of an answer was seen (RFC 9112 §9.3.1).
inline bool may_retry(bool reused, int attempt, bool answer_begun) { return reused && attempt == 1 && !answer_begun; }

}  // namespace gateway
