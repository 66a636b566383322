#include "core/reply/cache_status.hpp"

#include "core/base/text.hpp"

namespace gateway {

void append_cache_status(std::string& out, const cache_status& status) {
  using way = cache_status::way;
  out += "summary-gateway";
  switch (status.how) {
    case way::none:
      break;
    case way::hit:
      out += "; hit";
      break;
    case way::miss:
      out += "; fwd=uri-miss";
      break;
    case way::request:
      out += "; fwd=request";
      break;
    case way::stale:
      out += "; fwd=stale";
      break;
    case way::bypass:
      out += "; fwd=bypass";
      break;
    case way::method:
      out += "; fwd=method";
      break;
  }
  if (status.ttl) {
    out += "; ttl=";
    append_number(out, status.ttl->count());
  }
  if (!status.detail.empty()) out.append("; detail=").append(status.detail);
  if (status.forward_status != 0) {
    out += "; fwd-status=";
    append_number(out, status.forward_status);
  }
  if (status.stored) out += "; stored";
  if (status.collapsed) out += "; collapsed";
}

}  // namespace gateway
