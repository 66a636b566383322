// What callers are told of the upstream's limit, as draft-ietf-httpapi-ratelimit-headers-10 has it for concurrent requests.
// Thread rule: pure function.
#pragma once

#include <chrono>
#include <string>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

// RateLimit-Policy and RateLimit, each with its CRLF. `wait`: until there will be room, if there is none; 0 otherwise.
void append_concurrency(std::string& out, const upstream_limiter::share& share, std::chrono::seconds wait);

}  // namespace gateway
