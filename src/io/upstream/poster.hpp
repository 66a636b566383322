// Sends single requests to another host than the upstream: the collector of spans, the OAuth token endpoint. It opens a connection when it
// needs one, through the egress proxy if there is one, and uses it again only if both sides allow it.
// Thread rule: belongs to its worker. Time rule: each request ends by its deadline.
#pragma once

#include <memory>

#include "io/upstream/connector.hpp"
#include "io/upstream/resolver.hpp"

namespace gateway {

class poster {
public:
  // `way`: bounds of connecting and of the answer, and the way there; its url and connect_to do not count. `proxy_credential`: of the
  // egress proxy that `way` names; null if there is none.
  poster(worker& at, upstream_settings way, const origin& where, std::shared_ptr<client_tls> tls,
         const published_secret* proxy_credential = nullptr);

  // One request at a time. Without an answer, `failed` says why.
  task<exchange_result> post(const secret& request, mono_time deadline);

  [[nodiscard]] const origin& where() const { return where_; }
  void forget_connection() { idle_.reset(); }
  // The end does not wait for a name server.
  void close() { resolver_.close(); }

private:
  worker& at_;
  const upstream_settings way_;
  const origin where_;
  resolver resolver_;
  connector connector_;
  std::unique_ptr<upstream_connection> idle_;
};

}  // namespace gateway
