// The web pages that may read answers in a browser. To a page the gateway alone says so, in answers of its own and of the upstream; the
// upstream's word stands only where no page asks and all may.
// Cookies are no credentials here, so Access-Control-Allow-Credentials is never sent, with or without a wildcard.
// Source: WHATWG Fetch, "CORS protocol".
// Thread rule: values, pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct cors_policy {
  std::vector<std::string> allow_origins{"*"};
  std::chrono::nanoseconds max_age = std::chrono::hours{24};
};

// "*", or SCHEME://HOST[:PORT] in lower case and without a path, as browsers write an Origin.
bool is_origin_pattern(std::string_view text);

// Whether pages of different origins get different answers.
bool lists_origins(const cors_policy& policy);

// The value of Access-Control-Allow-Origin for a request from `origin`; "" if it is not allowed.
std::string_view allow_origin(const cors_policy& policy, std::string_view origin);

}  // namespace gateway
