// What the kernel knows about the process or host that connected.
// Thread rule: any thread.
#pragma once

#include "core/auth/client.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

using peer_endpoint = asio::generic::stream_protocol::endpoint;

// Nothing: a unix socket.
std::optional<ip_address> address_of(const peer_endpoint& from);

// `from` is what accept said; of a unix socket, which says nothing, the descriptor is asked.
client client_of(const peer_endpoint& from, int descriptor);

}  // namespace gateway
