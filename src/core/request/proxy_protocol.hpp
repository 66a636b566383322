// The PROXY protocol header, versions 1 and 2: a proxy sends it first on a connection to name the client. Only the client's address is
// used. Names, certificates and users in it prove nothing here.
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

  state is = state::need_more;             // need_more: all bytes so far belong to the header
  std::size_t size = 0;                    // complete: its length in bytes
  std::optional<ip_address> source;        // complete: the client's address; nullopt: the connection's own address applies
  proxy_fault why = proxy_fault::missing;  // refused
};

// The longest header that is accepted. Version 1 has at most 107 bytes. Version 2 allows 64 KiB, but headers of HAProxy and of the large
// clouds' load balancers are shorter than 1 KiB, or 4 KiB with a client certificate.
inline constexpr std::size_t max_proxy_header = 4096;

// `bytes`: everything received on the connection so far, from its first byte.
proxy_header read_proxy_header(std::string_view bytes);

}  // namespace gateway
