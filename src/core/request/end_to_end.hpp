// Fields that Twilio documents for requests and that mean nothing to the gateway. They go upstream as the client sent them, with requests
// whose answer no other client gets.
// Source: Twilio, Public Key Client Validation; RFC 9110 §7.6.1.
// Thread rule: pure function.
#pragma once

#include <string>

#include "core/request/head.hpp"

namespace gateway {

// The field lines to send, each with its CRLF. A field that Connection names belongs to the client's own connection and is left out.
std::string end_to_end_fields(const request_head& head);

}  // namespace gateway
