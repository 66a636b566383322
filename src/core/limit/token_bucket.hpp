// A token bucket as one moment in time: when it will be full again (the generic cell rate algorithm). Each request moves that moment
// by the time of one token. A bucket whose moment has passed is full, so it can be forgotten without harm.
// Thread rule: values, pure functions. Time rule: `now` is an argument.
// Source: ITU-T I.371 (GCRA); the fields are those of draft-ietf-httpapi-ratelimit-headers-10.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/time.hpp"

namespace gateway {

struct token_rate {
  std::uint64_t tokens = 0;  // the bucket's size; 0: no limit
  std::chrono::nanoseconds per{};

  [[nodiscard]] std::chrono::nanoseconds cost() const { return per / static_cast<std::int64_t>(tokens); }
};

struct token_decision {
  bool allowed = true;
  std::uint64_t remaining = 0;
  std::chrono::nanoseconds full_in{0};   // until the bucket is full again
  std::chrono::nanoseconds retry_in{0};  // refused: until the next token
};

class token_bucket {
public:
  // Takes a token if one is left.
  token_decision take(const token_rate& rate, mono_time now);
  [[nodiscard]] mono_time full_at() const { return full_at_; }

private:
  mono_time full_at_{};
};

// The fields RateLimit-Policy and RateLimit, each with its CRLF.
void append_rate_limit(std::string& out, const token_rate& rate, const token_decision& decision);

}  // namespace gateway
