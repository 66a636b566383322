// W3C Trace Context: the trace of a request, continued from its client or started here. A header that cannot be parsed exactly counts as
// absent.
// Source: https://www.w3.org/TR/trace-context/ (version 00, and its rules for later versions).
// Thread rule: pure functions and values. Randomness is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/request/field_lines.hpp"

namespace gateway {

// 128 bits; all zero means that there is none.
struct trace_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  [[nodiscard]] bool is_set() const { return (high | low) != 0; }
  friend bool operator==(const trace_id&, const trace_id&) = default;
};
using span_id = std::uint64_t;  // 0: none

// A request's place in a trace.
struct trace_place {
  trace_id trace;
  span_id parent = 0;  // the client's span; 0: the trace starts here
  span_id span = 0;    // ours
  bool sampled = false;
  friend bool operator==(const trace_place&, const trace_place&) = default;
};

// The place that a traceparent gives to a request, with its own span still unset; nothing if it is not valid.
std::optional<trace_place> parse_traceparent(std::string_view value);

// Fills in missing parts: a new trace id if there is none, and our own span id. `random` is called for 64 random bits.
template <class Random>
void complete_trace(trace_place& place, Random&& random) {
  auto const some = [&] {
    auto const bits = random();
    return bits != 0 ? bits : 1;
  };
  if (!place.trace.is_set()) place.trace = {random(), some()};
  if (place.span == 0) place.span = some();
}

// A traceparent for the next hop, with `span` as the parent.
std::string traceparent_of(const trace_place& place, span_id span);

// The texts of the identifiers.
std::string text_of(const trace_id& id);
std::string text_of_span(span_id id);

// The lines of a tracestate joined for forwarding; "" if any part is invalid or the whole is too long.
std::string sane_tracestate(const field_lines& lines);

}  // namespace gateway
