// Requests as spans in OTLP's JSON encoding: one server span for each request, with a child span for each of its hops.
// Sources: opentelemetry-proto trace/v1; OTLP 1.0 §JSON Protobuf Encoding (identifiers in hexadecimal, 64-bit numbers as strings); semantic
// conventions for HTTP servers.
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/telemetry/logged_request.hpp"

namespace gateway {

// The body of a POST to /v1/traces. `listeners`: the configured addresses.
std::string otlp_traces(std::span<const logged_request> requests, std::span<const std::string> listeners, std::string_view version);

// The complete request, ready to be sent.
std::string otlp_post(std::string_view host_field, std::string_view body);

}  // namespace gateway
