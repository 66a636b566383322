// Takes the header of the PROXY protocol off a connection, and not a byte more: what follows is for HTTP or for TLS to read.
// Thread rule: on the connection's worker. The caller watches its deadline.
#pragma once

#include "core/request/proxy_protocol.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// need_more: the connection ended or failed before anything was said.
task<proxy_header> read_proxy_header(stream_socket& from);

}  // namespace gateway
