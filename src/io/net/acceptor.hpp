// Accepts the connections of one listening socket on one worker and gives each a session.
// Thread rule: belongs to its worker, and outlives the sessions it started.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "io/net/connection_book.hpp"
#include "io/net/peer.hpp"
#include "io/net/server_tls.hpp"
#include "io/net/session.hpp"

namespace gateway {

// Open connections of one listener, over all workers.
struct connection_count {
  std::atomic<std::uint64_t> open{0};
  std::uint16_t listener = 0;  // which one: its place among the configured ones
};

class acceptor {
public:
  // Takes over the descriptor; `is_unix` tells its family. `tls`: null for plaintext.
  acceptor(worker& at, int descriptor, bool is_unix, const published_tls* tls, connection_count& count, connection_book& book);

  // Accepts until close(). Out of descriptors it waits a little instead of spinning.
  template <class Service>
  task<void> run(const limit_settings& limits, Service& service);

  // Takes in what the kernel has already accepted for us, then stops listening.
  template <class Service>
  void close(const limit_settings& limits, Service& service);

private:
  using raw_acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, executor>;

  template <class Service>
  task<void> serve_one(stream_socket socket, client from, const limit_settings& limits, Service& service);
  bool admit(stream_socket& socket, const client& who);
  template <class Service>
  void take_in(stream_socket socket, const peer_endpoint& from, const limit_settings& limits, Service& service);

  worker& at_;
  bool is_unix_;
  const published_tls* tls_;
  connection_count& count_;
  connection_book& book_;
  raw_acceptor raw_;
  steady_timer pause_;
};

// A place among the open connections, given back at the end of the scope.
class connection_place {
public:
  connection_place(connection_count& count, connection_book& book, const client& who) : count_(count), book_(book), who_(who) {}
  connection_place(const connection_place&) = delete;
  connection_place& operator=(const connection_place&) = delete;
  ~connection_place() {
    count_.open.fetch_sub(1, std::memory_order_relaxed);
    book_.leave(who_);
  }

private:
  connection_count& count_;
  connection_book& book_;
  client who_;
};

template <class Service>
task<void> acceptor::run(const limit_settings& limits, Service& service) {
  while (raw_.is_open()) {
    stream_socket socket{at_.get_executor()};
    peer_endpoint from;
    auto const [error] = co_await raw_.async_accept(socket, from, use_op);
    if (!error) take_in(std::move(socket), from, limits, service);
    if (error && raw_.is_open()) {
      pause_.expires_after(std::chrono::milliseconds{50});
      co_await pause_.async_wait(use_op);
    }
  }
}

template <class Service>
void acceptor::take_in(stream_socket socket, const peer_endpoint& from, const limit_settings& limits, Service& service) {
  auto who = client_of(from, socket.native_handle());
  who.listener = count_.listener;
  if (!admit(socket, who)) return;
  at_.start_task("session", serve_one(std::move(socket), std::move(who), limits, service));
}

template <class Service>
void acceptor::close(const limit_settings& limits, Service& service) {
  error_code error;
  while (raw_.is_open() && !error) {
    stream_socket socket{at_.get_executor()};
    peer_endpoint from;
    raw_.accept(socket, from, error);
    if (!error) take_in(std::move(socket), from, limits, service);
  }
  raw_.close(error);
  pause_.cancel();
}

template <class Service>
task<void> acceptor::serve_one(stream_socket socket, client from, const limit_settings& limits, Service& service) {
  connection_place const place{count_, book_, from};
  if (tls_) {
    auto const secured = tls_->get();  // until the connection ends
    co_await serve_secured(std::move(socket), *secured->context, std::move(from), at_, limits, service);
  } else {
    co_await serve(std::move(socket), std::move(from), at_, limits, service);
  }
}

}  // namespace gateway
