#include "core/upstream/request.hpp"

#include <sodium.h>

namespace gateway {

secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization) {
  std::string text;
  text.reserve(512 + authorization.size());  // never grows: a grown string would leave a copy of the credential behind
  text.append("GET ").append(summary_target(call, state)).append(" HTTP/1.1\r\nHost: ").append(host);
  text.append("\r\nAuthorization: ").append(authorization);
  // identity: the body is looked into before it is believed (core/upstream/verdict).
  text.append(
      "\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: summary-gateway\r\nVia: 1.1 summary-gateway\r\n\r\n");
  secret request{text};
  sodium_memzero(text.data(), text.size());
  return request;
}

}  // namespace gateway
