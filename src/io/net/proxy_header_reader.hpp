// Reads the PROXY protocol header from a connection, and no byte more: the rest is for HTTP or TLS.
// Thread rule: on the connection's worker. The caller watches its deadline.
#pragma once

#include "core/request/proxy_protocol.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// need_more: the connection ended before it sent a byte, or failed.
task<proxy_header> read_proxy_header(stream_socket& from);

}  // namespace gateway
