// Which peers are trusted to name the client's address, and the connection of a trusted proxy, which carries the requests of many clients:
// the identity remembered for one client is never used for another.
// Thread rule: trust is immutable once made and shared as such; a forwarding_proxy belongs to its connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/client.hpp"
#include "core/base/ip_address.hpp"

namespace gateway {

// The trusted peers of one listener, and what it is called.
struct listener_trust {
  address_list proxy_header_senders;  // peers that must begin each connection with a PROXY protocol header
  address_list forwarding;            // peers that name the client of each request (core/request/forwarded)
  std::string public_url;             // how clients reach it; "" = as they write in Host
};

// Applies a PROXY header: the connection belongs to the client at `whom`, or to the proxy itself. It is never local: a client behind a
// proxy may be anywhere.
void apply_proxy_header(client& from, const std::optional<ip_address>& whom);

class forwarding_proxy {
public:
  // The connection's certificate and user are the proxy's: from now on they prove no client.
  forwarding_proxy(std::shared_ptr<const listener_trust> trust, client& itself);

  // Call it before the request with these fields is answered: `from` becomes its client.
  void introduce(client& from, std::string_view fields) const;

private:
  std::shared_ptr<const listener_trust> trust_;
  address_group own_address_;
  std::optional<std::uint32_t> own_user_;
};

}  // namespace gateway
