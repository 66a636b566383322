#include "core/limit/token_bucket.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {

token_decision token_bucket::take(const token_rate& rate, mono_time now) {
  auto const cost = std::max(rate.cost(), std::chrono::nanoseconds{1});
  auto const missing = std::max(full_at_ - now, std::chrono::nanoseconds{0});
  token_decision decision;
  decision.allowed = missing + cost <= rate.per;
  if (decision.allowed) full_at_ = now + missing + cost;
  decision.full_in = decision.allowed ? missing + cost : missing;
  decision.retry_in = decision.allowed ? std::chrono::nanoseconds{0} : missing + cost - rate.per;
  decision.remaining = static_cast<std::uint64_t>((rate.per - decision.full_in) / cost);
  return decision;
}

void append_rate_limit(std::string& out, const token_rate& rate, const token_decision& decision) {
  auto const seconds = [](std::chrono::nanoseconds span) { return std::chrono::ceil<std::chrono::seconds>(span).count(); };
  out += "RateLimit-Policy: \"client\";q=";
  append_number(out, rate.tokens);
  out += ";w=";
  append_number(out, seconds(rate.per));
  out += "\r\nRateLimit: \"client\";r=";
  append_number(out, decision.remaining);
  out += ";t=";
  append_number(out, seconds(decision.full_in));
  out += "\r\n";
}

}  // namespace gateway
