#pragma once
// How Twilio signs a webhook with a JSON body: base64(HMAC-SHA1(auth token, URL)), where the URL carries the body's hash as `bodySHA256`.
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

// The right way, the ways in which an attacker or a mistake gets it wrong, and the variants that Twilio itself sends.
enum class signing { right, wrong_token, absent, other_url, no_body_hash, other_body, default_port };
std::optional<signing> parse_signing(std::string_view name);

struct signed_url {
  std::string url;                       // as it is requested
  std::optional<std::string> signature;  // the value of X-Twilio-Signature
};

signed_url sign(std::string_view destination, std::string_view body, std::string_view token, signing how);

std::string hex_sha256(std::string_view bytes);
std::string base64_hmac_sha1(std::string_view key, std::string_view text);

}  // namespace simulator
