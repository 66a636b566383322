#include "io/net/peer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cstring>

namespace gateway {
namespace {

template <class Address>
Address read_as(const peer_endpoint& from) {
  Address address{};
  std::memcpy(&address, from.data(), std::min(sizeof address, from.size()));
  return address;
}

constexpr std::size_t most_groups = 256;  // of a process with more, only the primary one counts

// The kernel noted them when the process connected, as it did the user.
std::vector<std::uint32_t> groups_of(int descriptor, ::gid_t primary) {
  std::array<std::uint32_t, most_groups> room{};
  socklen_t size = sizeof room;
  std::vector<std::uint32_t> groups{primary};
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, room.data(), &size) == 0)
    groups.insert(groups.end(), room.begin(), room.begin() + size / sizeof room.front());
  return groups;
}

}  // namespace

std::optional<ip_address> address_of(const peer_endpoint& from) {
  switch (from.protocol().family()) {
    case AF_INET:
      return ip_address::ipv4(std::bit_cast<std::array<std::uint8_t, 4>>(read_as<sockaddr_in>(from).sin_addr));
    case AF_INET6:
      return ip_address{std::bit_cast<std::array<std::uint8_t, 16>>(read_as<sockaddr_in6>(from).sin6_addr)};
    default:
      return std::nullopt;
  }
}

client client_of(const peer_endpoint& from, int descriptor) {
  client known;
  if (auto const address = address_of(from)) {
    known.address = group_of(*address);
    known.is_local = address->is_loopback();
    return known;
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
    known.user = peer.uid;
    known.process = peer.pid;
    known.groups = groups_of(descriptor, peer.gid);
  }
  known.is_local = true;
  return known;
}

}  // namespace gateway
