// The response fields that show the upstream's concurrency limit, after draft-ietf-httpapi-ratelimit-headers-10.
// Thread rule: pure function.
#pragma once

#include <chrono>
#include <string>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

// RateLimit-Policy and RateLimit, each with its CRLF. `wait`: time until a permit is free; 0 if one is free now.
void append_concurrency(std::string& out, const upstream_limiter::share& share, std::chrono::seconds wait);

}  // namespace gateway
