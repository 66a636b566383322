// The project's only Asio aliases: concrete executors (no type erasure on the path of a request) and one completion token.
// Thread rule: everything made from one io_context stays on the one thread that runs it.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "io/runtime/clock.hpp"

namespace gateway {

namespace asio = boost::asio;
using boost::system::error_code;

using executor = asio::io_context::executor_type;

template <class T>
using task = asio::awaitable<T, executor>;

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using stream_socket = asio::basic_stream_socket<asio::generic::stream_protocol, executor>;  // TCP and unix sockets alike
using steady_timer = asio::basic_waitable_timer<timer_clock, timer_wait, executor>;

// `auto [error, n] = co_await stream.async_read_some(buffer, use_op);` – an error is a value, and no frame is allocated for the operation.
inline constexpr auto use_op = asio::as_tuple(asio::deferred);

}  // namespace gateway
