// The requests to the upstream. A request is composed anew: from the client come only the target, the credential, the trace, the names in
// Via and an annotation's form. So a header of one client cannot spoil the answer that others share.
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

// The fields that continue a trace at the upstream, each with its CRLF. The parent is `span`, the span of this exchange. A tracestate is
// sent only with a valid traceparent.
std::string trace_fields(const trace_place& place, span_id span, const field_lines& tracestate);

// A whole request, ready to be written. It is secret because of the Authorization and of the annotation in it. `fields`: the
// lines that a request carries on, from via_field() (core/request/via) and trace_fields().
secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization,
                       std::string_view fields);
secret compose_request(std::string_view host, const passthrough_request& asked, std::string_view authorization, std::string_view fields);

// Whether a request may be sent twice: a write may not (RFC 9110 §9.2.2).
enum class repetition : std::uint8_t { safe, never };

// An idle connection may be closing, so only the first attempt of a repeatable request uses one.
inline bool may_reuse(repetition twice, int attempt) { return twice == repetition::safe && attempt == 1; }  // defence: write-not-reused

// Whether a failed exchange may be repeated once on a new connection: only after the first attempt, on a reused connection (the server may
// have closed it meanwhile), and if no byte of an answer came (RFC 9112 §9.3.1).
// defence: one-repetition
inline bool may_retry(bool reused, int attempt, bool answer_begun) { return reused && attempt == 1 && !answer_begun; }

}  // namespace gateway
