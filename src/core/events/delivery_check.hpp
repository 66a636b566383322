// Whether a delivery of events comes from Twilio: its signature covers the public URL and, through a hash in the URL's query, the body.
// A delivery counts for nothing before all checks have passed.
// Source: Twilio's "Webhooks security" and "Event Streams webhook" pages.
// Thread rule: event_signers belong to one thread; the rest are values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hmac_sha1.hpp"
#include "core/events/event_url.hpp"
#include "core/request/head.hpp"

namespace gateway {

// What became of a delivery, in the order of the checks. The names are label values.
enum class delivery_result : std::uint8_t {
  accepted,
  malformed,        // no request could be read
  too_large,        // its content
  misdirected,      // another path or method
  no_signature,     // no X-Twilio-Signature, or several
  shared_key,       // signed with a key that this gateway does not have (beta of Twilio)
  wrong_signature,  // by no known token, or of another URL
  no_hash,          // the URL names no hash of the body, or several
  wrong_hash,       // it is of another body
  unreadable,       // the body is no JSON array
};
inline constexpr std::size_t delivery_result_count = 10;
std::string_view name_of(delivery_result what);

// The auth tokens of the accounts that send events.
class event_signers {
public:
  static constexpr std::size_t most = 16;

  // `text`: a token a line; empty lines are skipped.
  explicit event_signers(std::string_view text);
  [[nodiscard]] std::size_t count() const { return keys_.size(); }
  // Whether this is base64(HMAC-SHA1(token, url)) for one of the tokens and one of the URLs. Its time does not tell which.
  bool has_signed(std::string_view url, std::string_view other_url, std::string_view signature);

private:
  std::vector<hmac_sha1> keys_;
};

// What a delivery shows for its origin.
struct delivery_proof {
  explicit delivery_proof(const request_head& from);

  std::string_view query;
  std::string_view signature;  // X-Twilio-Signature
  std::size_t signatures = 0;
  bool has_shared_key = false;  // X-Twilio-Webhooks-Signature-Settings
};

// accepted, or the first check that fails.
delivery_result check_origin(const delivery_proof& proof, std::string_view body, const event_url& at, event_signers& signers);

}  // namespace gateway
