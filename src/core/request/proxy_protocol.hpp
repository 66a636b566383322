// The header with which a proxy says, before anything else, for whom it has opened a connection: the PROXY protocol, versions 1 and 2.
// Nothing but the client's address is taken from it: names, certificates and users that it may tell as well are nobody's proof here.
// Thread rule: pure function. Source: HAProxy, doc/proxy-protocol.txt (2020/03/05).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ip_address.hpp"

namespace gateway {

// Why a connection that must begin with such a header was closed.
enum class proxy_fault : std::uint8_t { missing, malformed, too_long };

struct proxy_header {
  enum class state : std::uint8_t { need_more, complete, refused };

  state is = state::need_more;             // need_more: all bytes so far are the header's
  std::size_t size = 0;                    // complete: how many bytes it has
  std::optional<ip_address> source;        // complete: the client's address; nothing: that of the connection holds
  proxy_fault why = proxy_fault::missing;  // refused
};

// The longest that is read. Version 1 has at most 107 bytes. Version 2 may claim 64 KiB; what HAProxy and the load balancers of the large
// clouds send is shorter than 1 KiB, a client's certificate included than 4.
inline constexpr std::size_t max_proxy_header = 4096;

// `bytes`: what the connection has brought so far, from its first byte.
proxy_header read_proxy_header(std::string_view bytes);

}  // namespace gateway
