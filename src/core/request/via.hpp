// The proxies that a request has passed (Via). A request that comes back to the gateway, or that passed too many proxies, is a loop.
// Each process has a name of its own, so that gateways can be chained on purpose, and a loop is found at its first turn.
// Source: RFC 9110 §7.6.3.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/request/head.hpp"

namespace gateway {

// More proxies than that mean a loop. Real chains have two or three.
inline constexpr std::size_t most_proxies = 8;

// `random` tells processes apart. It is sent to the upstream, so it must not be a secret.
std::string via_name(std::uint64_t random);

// Whether the request has passed this process, or too many proxies.
bool is_loop(const request_head& head, std::string_view own);

// The elements that are sent on, "" for none. Comments are left out, which RFC 9110 allows: they say nothing to the upstream, and other
// requests may share its answer. An element that is not well-formed is left out for the same reason, but it counts.
std::string received_via(const request_head& head);

// The field line to send, with its CRLF. `received`: from received_via(). `http_1_0`: the request came by HTTP/1.0.
std::string via_field(std::string_view received, bool http_1_0, std::string_view own);

}  // namespace gateway
