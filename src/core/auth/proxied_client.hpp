// Whose word about a client's address is believed, and a connection that brings the requests of many clients: what is remembered of one
// of them is not taken for another's.
// Thread rule: trust is immutable once made and shared as such; a forwarding_proxy belongs to its connection.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/auth/client.hpp"
#include "core/base/ip_address.hpp"

namespace gateway {

// Of one listener.
struct listener_trust {
  address_list announcing;  // must begin each connection with a header of the PROXY protocol
  address_list forwarding;  // say of each request for whom it is (core/request/forwarded)
};

// The connection was announced: it is `whom`'s, or the proxy's own. Never a local one: whoever is behind a proxy may be anywhere.
void announce(client& from, const std::optional<ip_address>& whom);

class forwarding_proxy {
public:
  // What the connection shows, its certificate and its user, are the proxy's: from now on they prove nobody.
  forwarding_proxy(std::shared_ptr<const listener_trust> trust, client& itself);

  // The request with these fields comes next: `from` becomes its client.
  void introduce(client& from, std::string_view fields) const;

private:
  std::shared_ptr<const listener_trust> trust_;
  address_group own_address_;
  std::optional<std::uint32_t> own_user_;
};

}  // namespace gateway
