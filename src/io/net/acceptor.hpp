// Accepts the connections of one listening socket on one worker and gives each a session.
// Thread rule: belongs to its worker. It lives as long as anybody uses it: its owner, its own loop, and the sessions that it has started.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "io/net/connection_book.hpp"
#include "io/net/listening_socket.hpp"
#include "io/net/peer.hpp"
#include "io/net/server_tls.hpp"
#include "io/net/session.hpp"

namespace gateway {

// Open connections of one listener, over all workers.
struct connection_count {
  std::atomic<std::uint64_t> open{0};
  std::uint16_t listener = 0;  // the number of that listener
};

class acceptor {
public:
  // What it refers to outlives its sessions.
  acceptor(worker& at, listening_socket socket, const published_tls& tls, connection_count& count, connection_book& book);

  // Accepts until close(). Out of descriptors it waits a little instead of spinning.
  template <class Service>
  static task<void> run(std::shared_ptr<acceptor> self, const limit_settings& limits, Service& service);

  // Takes in what the kernel has already accepted for us, then stops listening. From now on its sessions are about to end.
  template <class Service>
  static void close(const std::shared_ptr<acceptor>& self, const limit_settings& limits, Service& service);

  [[nodiscard]] const connection_count& counts() const { return count_; }

private:
  using raw_acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, executor>;

  template <class Service>
  static task<void> serve_one(std::shared_ptr<acceptor> self, stream_socket socket, client from, const limit_settings& limits,
                              Service& service);
  bool admit(stream_socket& socket, const client& who);
  template <class Service>
  static void take_in(const std::shared_ptr<acceptor>& self, stream_socket socket, const peer_endpoint& from, const limit_settings& limits,
                      Service& service);

  worker& at_;
  bool is_unix_;
  const published_tls& tls_;
  connection_count& count_;
  connection_book& book_;
  raw_acceptor raw_;
  steady_timer pause_;
  bool closed_ = false;
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
task<void> acceptor::run(std::shared_ptr<acceptor> self, const limit_settings& limits, Service& service) {
  auto& raw = self->raw_;
  while (raw.is_open()) {
    stream_socket socket{self->at_.get_executor()};
    peer_endpoint from;
    auto const [error] = co_await raw.async_accept(socket, from, use_op);
    if (!error) take_in(self, std::move(socket), from, limits, service);
    if (error && raw.is_open()) {
      self->pause_.expires_after(std::chrono::milliseconds{50});
      co_await self->pause_.async_wait(use_op);
    }
  }
}

template <class Service>
void acceptor::take_in(const std::shared_ptr<acceptor>& self, stream_socket socket, const peer_endpoint& from, const limit_settings& limits,
                       Service& service) {
  auto who = client_of(from, socket.native_handle());
  who.listener = self->count_.listener;
  if (!self->admit(socket, who)) return;
  self->at_.start_task("session", serve_one(self, std::move(socket), std::move(who), limits, service));
}

template <class Service>
void acceptor::close(const std::shared_ptr<acceptor>& self, const limit_settings& limits, Service& service) {
  error_code error;
  while (self->raw_.is_open() && !error) {
    stream_socket socket{self->at_.get_executor()};
    peer_endpoint from;
    self->raw_.accept(socket, from, error);
    if (!error) take_in(self, std::move(socket), from, limits, service);
  }
  self->closed_ = true;
  self->raw_.close(error);
  self->pause_.cancel();
}

template <class Service>
task<void> acceptor::serve_one(std::shared_ptr<acceptor> self, stream_socket socket, client from, const limit_settings& limits,
                               Service& service) {
  connection_place const place{self->count_, self->book_, from};
  auto const secured = self->tls_.get();  // until the connection ends
  if (secured->context) {
    co_await serve_secured(std::move(socket), *secured->context, std::move(from), self->at_, limits, service, self->closed_);
  } else {
    co_await serve(std::move(socket), std::move(from), self->at_, limits, service, self->closed_);
  }
}

}  // namespace gateway
