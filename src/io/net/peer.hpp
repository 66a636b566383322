// What the kernel knows about the peer process or host.
// Thread rule: any thread.
#pragma once

#include "core/auth/client.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

using peer_endpoint = asio::generic::stream_protocol::endpoint;

// Nothing for a unix socket.
std::optional<ip_address> address_of(const peer_endpoint& from);

// `from`: the address from accept. A unix socket has none, so its user is read from the descriptor.
client client_of(const peer_endpoint& from, int descriptor);

}  // namespace gateway
