#pragma once
// The only Asio names the simulator's sockets use, and the only clock that they read.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>

#include "clock.hpp"

namespace simulator {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;
using steady_timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;
template <class T>
using task = asio::awaitable<T, executor>;

inline real_time real_now() { return std::chrono::steady_clock::now(); }

inline constexpr auto yielding = asio::as_tuple(asio::deferred);  // co_await gives a tuple with the error_code first

}  // namespace simulator
