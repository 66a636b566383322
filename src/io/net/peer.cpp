#include "io/net/peer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <bit>
#include <boost/asio/ip/address.hpp>
#include <cstring>

namespace gateway {
namespace {

template <class Address>
Address read_as(const peer_endpoint& from) {
  Address address{};
  std::memcpy(&address, from.data(), std::min(sizeof address, from.size()));
  return address;
}

}  // namespace

client client_of(const peer_endpoint& from, int descriptor) {
  client known;
  switch (from.protocol().family()) {
    case AF_INET: {
      asio::ip::address_v4 const address{ntohl(read_as<sockaddr_in>(from).sin_addr.s_addr)};
      known.address = group_of_ipv4(address.to_bytes());
      known.is_local = address.is_loopback();
      break;
    }
    case AF_INET6: {
      auto const bytes = std::bit_cast<asio::ip::address_v6::bytes_type>(read_as<sockaddr_in6>(from).sin6_addr);
      asio::ip::address_v6 const address{bytes};
      known.address = group_of_ipv6(bytes);
      known.is_local = address.is_loopback() || (address.is_v4_mapped() && bytes[12] == 127);
      break;
    }
    default: {
      ucred peer{};
      socklen_t size = sizeof peer;
      if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) known.user = peer.uid;
      known.is_local = true;
      break;
    }
  }
  return known;
}

}  // namespace gateway
