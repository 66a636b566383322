#include "worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <cstdio>
#include <future>
#include <vector>

namespace simulator {
namespace {

constexpr std::chrono::milliseconds sweep_period{200};

}  // namespace

void report_escaped(std::exception_ptr escaped) {
  if (!escaped) return;
  try {
    std::rethrow_exception(escaped);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "twilio-simulator: internal error: %s\n", error.what());
  }
}

void worker::run() {
  asio::co_spawn(context_, sweep(), report_escaped);
  thread_ = std::thread{[this] { context_.run(); }};
}

void worker::adopt(tcp_socket socket, std::uint64_t number) { asio::co_spawn(context_, keep(std::move(socket), number), report_escaped); }

task<void> worker::keep(tcp_socket socket, std::uint64_t number) {
  if (stopping_) co_return;
  https_connection connection{std::move(socket), tls_, world_, number, idle_timeout_};
  connections_.insert(&connection);
  co_await connection.serve();
  connections_.erase(&connection);
}

task<void> worker::sweep() {
  while (!stopping_) {
    sweeper_.expires_after(sweep_period);
    co_await sweeper_.async_wait(yielding);
    const auto now = std::chrono::steady_clock::now();
    for (https_connection* connection : connections_) connection->check_deadline(now);
  }
}

std::size_t worker::close_idle() {
  std::promise<std::size_t> closed;
  asio::post(context_, [&] {
    std::size_t count = 0;
    for (https_connection* connection : connections_) {
      if (!connection->idle()) continue;
      connection->close_politely();
      ++count;
    }
    closed.set_value(count);
  });
  return closed.get_future().get();
}

void worker::wake_all() {
  asio::post(context_, [this] {
    for (https_connection* connection : connections_) connection->wake();
  });
}

void worker::stop() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    stopping_ = true;
    sweeper_.cancel();
    for (https_connection* connection : connections_) connection->abort();
  });
  thread_.join();
}

}  // namespace simulator
