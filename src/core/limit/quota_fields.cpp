#include "core/limit/quota_fields.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {

std::chrono::seconds retry_after_of(const quota_decision& refused) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(refused.resets_in), std::chrono::seconds{1});
}

void append_quota(std::string& out, const quota_decision& of) {
  out += "RateLimit-Policy: \"quota\";q=";
  append_number(out, of.rule.calls);
  out += ";w=";
  append_number(out, std::chrono::ceil<std::chrono::seconds>(of.rule.per).count());
  out += "\r\nRateLimit: \"quota\";r=";
  append_number(out, of.is == quota_decision::kind::refused ? 0 : of.left);
  out += ";t=";
  append_number(out, retry_after_of(of).count());
  out += "\r\n";
}

}  // namespace gateway
