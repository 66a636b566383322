// A delivery of events as Twilio makes it, and the known answer: a test event that a real sink has received.
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

#include "core/base/hmac_sha1.hpp"
#include "core/base/text.hpp"

namespace gateway::deliveries {

inline const std::string token(32, '1');
inline constexpr std::string_view public_url = "https://96e5-165-225-114-134.ngrok-free.app/webhook";
inline constexpr std::string_view known_query = "bodySHA256=f4dc494f1e604a19df36cdd069f7956b1f261dc954ae1c698ed8b4939fd9ab54";
inline constexpr std::string_view known_signature = "qovYYTCoTFG3Ga6KmSrRVvSgwm8=";
inline constexpr std::string_view known_body =
    R"([{"specversion":"1.0","type":"com.twilio.eventstreams.test-event","source":"Sink","id":"AC11111111111111111111111111111111",)"
    R"("dataschema":"https://events-schemas.twilio.com/EventStreams.TestSink/1.json","datacontenttype":"application/json",)"
    R"("time":"2026-06-10T06:02:54.377Z","data":{"test_id":"cae2f9e2-c277-4612-8ad3-93c1a7a3ef88"}}])";

inline std::string hash_parameter(std::string_view body) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(body.data()), body.size());
  return "bodySHA256=" + hex_of(view_of(hash));
}

inline std::string signature(std::string_view by, const std::string& url) {
  auto const code = hmac_sha1{by}.of(url);
  std::string text(sodium_base64_ENCODED_LEN(20, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(code.data()), code.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

// One event about a call, in the form of Twilio's Event Streams. `kind`: the last word of its type.
inline std::string event(std::string_view kind, std::string_view id, std::string_view call, std::string_view time) {
  return std::string{R"({"specversion":"1.0","type":"com.twilio.voice.insights.call-summary.)"}
      .append(kind)
      .append(R"(","source":"/v1/Voice/)")
      .append(call)
      .append(R"(/Summary","id":")")
      .append(id)
      .append(R"(","time":")")
      .append(time)
      .append(R"(","data":{"call_sid":")")
      .append(call)
      .append(R"(","account_sid":"AC00000000000000000000000000000001")")
      .append("}}");
}

}  // namespace gateway::deliveries
