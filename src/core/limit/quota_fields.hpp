// The response fields that show a client's quota, after draft-ietf-httpapi-ratelimit-headers-10.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <string>

#include "core/limit/client_quota.hpp"

namespace gateway {

// RateLimit-Policy and RateLimit, each with its CRLF.
void append_quota(std::string& out, const quota_decision& of);

// When a refused client is served again: a second at least, and never too soon.
std::chrono::seconds retry_after_of(const quota_decision& refused);

}  // namespace gateway
