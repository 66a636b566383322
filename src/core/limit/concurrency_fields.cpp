#include "core/limit/concurrency_fields.hpp"

#include "core/base/text.hpp"

namespace gateway {

void append_concurrency(std::string& out, const upstream_limiter::share& share, std::chrono::seconds wait) {
  out.reserve(out.size() + 128);
  out += "RateLimit-Policy: \"upstream\";q=";
  append_number(out, share.limit);
  out += ";qu=\"concurrent-requests\"\r\nRateLimit: \"upstream\";r=";
  append_number(out, wait.count() > 0 || share.in_flight >= share.limit ? 0 : share.limit - share.in_flight);
  if (wait.count() > 0) {
    out += ";t=";
    append_number(out, wait.count());
  }
  out += "\r\n";
}

}  // namespace gateway
