// The requests to the upstream. A request is composed anew: from the client come only the target, the credential, the trace, the names in
// Via and the content of a write. So a header of one client cannot spoil the answer that others share.
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

// A whole request, ready to be written. It is secret because of the Authorization and of the content in it. `fields`: the
// lines that a request carries on, from via_field() (core/request/via) and trace_fields().
secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization,
                       std::string_view fields);
secret compose_request(std::string_view host, const passthrough_request& asked, std::string_view authorization, std::string_view fields);

// The same request with an OAuth token; it was composed with an empty authorization.
secret with_authorization(const secret& request, std::string_view authorization);

enum class exchange_kind : std::uint8_t {
  read,   // may be sent twice
  probe,  // a read that tells whether the upstream works again
  write,  // must not be sent twice (RFC 9110 §9.2.2)
};

// An idle connection may be closing or dead. So only the first attempt of a read uses one: a probe over a dead connection would say nothing
// about the upstream.
inline bool may_reuse(exchange_kind kind, int attempt) {
  return kind == exchange_kind::read && attempt == 1;  // defence: write-not-reused
}

// Whether the first attempt may be given up for a second one while its bytes are unacknowledged: the upstream has not received them.
inline bool may_leave(exchange_kind kind, int attempt) { return kind != exchange_kind::write && attempt == 1; }

// Whether a failed exchange may be repeated once on a new connection: only after the first attempt, on a reused connection (the server may
// have closed it meanwhile), and if no byte of an answer came (RFC 9112 §9.3.1).
// defence: one-repetition
inline bool may_retry(bool reused, int attempt, bool answer_begun) { return reused && attempt == 1 && !answer_begun; }

// A 408 and the end of the connection: the server had given up waiting for a request when this one came (RFC 9110 §15.5.9).
inline bool ended_while_idle(int status, bool keep_alive) { return status == 408 && !keep_alive; }  // defence: late-408

}  // namespace gateway
