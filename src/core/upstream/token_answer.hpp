// The OAuth token endpoint: the request for a token with a client's credentials (RFC 6749 §4.4.2), and what its answer means (§5.1, §5.2).
// Twilio's endpoint is https://oauth.twilio.com/v2/token; it takes the client's id and secret in the form.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

// What came of a request for a token. The names are label values.
enum class token_result : std::uint8_t {
  issued,
  client_refused,   // the endpoint does not take this client, or its secret
  refused,          // it refuses the request for another reason
  throttled,        // 429
  failed,           // 5xx, or a status that is none of an answer to this request
  unusable_answer,  // no whole HTTP answer, or no JSON object as §5.1 wants it
  unusable_token,   // there is none, or no header field could carry it
  wrong_type,       // it is no bearer token
  wrong_lifetime,   // expires_in is no whole number above 0
  unreachable,
  timeout,
  tls,
  egress,  // the egress proxy opened no tunnel
};
inline constexpr std::size_t token_result_count = 13;
std::string_view name_of(token_result what);
// What went wrong, for the log.
std::string_view sentence_of(token_result what);

// For an exchange without an answer.
token_result token_result_of(fault failed);

struct token_answer {
  token_result is = token_result::failed;
  secret authorization;              // of an issued token: the value of Authorization
  std::chrono::seconds lifetime{0};  // of an issued token, from when it was asked for
  std::chrono::seconds pause{0};     // that the endpoint asks for before the next request
  std::string_view error{};          // the name in §5.2, if it is one of them
};

// A token without expires_in is used for so long. A refusal of the upstream ends it sooner.
inline constexpr std::chrono::seconds assumed_lifetime{300};
// Longer lives count as this: a token is renewed once a day at least.
inline constexpr std::chrono::seconds longest_lifetime{24 * 3600};
// Longer tokens are refused: they would not fit into the header of a request.
inline constexpr std::size_t longest_token = 8 * 1024;
// Bounds of an answer: ten times what Twilio sends.
inline constexpr std::uint64_t max_token_answer = 64 * 1024;

token_answer read_token_answer(const upstream_answer& answer, json_reader& reader, wall_time now);

// A whole request, ready to be written; its connection is used once. `target`: the path of the endpoint.
secret compose_token_request(std::string_view host, std::string_view target, std::string_view client_id, const secret& client_secret);

}  // namespace gateway
