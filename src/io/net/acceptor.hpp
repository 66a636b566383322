// Accepts the connections of one listening socket on one worker and starts a session for each.
// Thread rule: belongs to its worker. It is shared by its owner, its own loop and the sessions that it has started, and lives as long as
// any of them.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "core/auth/proxied_client.hpp"
#include "io/net/connection_slots.hpp"
#include "io/net/listening_socket.hpp"
#include "io/net/peer.hpp"
#include "io/net/proxy_header_reader.hpp"
#include "io/net/server_tls.hpp"
#include "io/net/session.hpp"

namespace gateway {

// Open connections of one listener, over all workers.
struct connection_count {
  std::atomic<std::uint64_t> open{0};
  std::uint16_t listener = 0;  // the number of the listener
};

using published_trust = published<listener_trust>;

class acceptor {
public:
  // Its references must outlive its sessions.
  acceptor(worker& at, listening_socket socket, const published_tls& tls, const published_trust& trust, connection_count& count,
           connection_slots& places);

  // Accepts until close(). Without free descriptors it pauses instead of spinning.
  template <class Service>
  static task<void> run(std::shared_ptr<acceptor> self, const limit_settings& limits, Service& service);

  // Accepts the connections that already wait in the kernel's backlog, then stops listening. From then on, its sessions are to end.
  template <class Service>
  static void close(const std::shared_ptr<acceptor>& self, const limit_settings& limits, Service& service);

  [[nodiscard]] const connection_count& counts() const { return count_; }

private:
  using raw_acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, executor>;

  // A new connection, and how far its peer is trusted.
  struct arrival {
    arrival(const peer_endpoint& peer, int descriptor, std::shared_ptr<const listener_trust> trusted);

    client from;
    std::optional<ip_address> address;
    std::shared_ptr<const listener_trust> trust;  // fixed for the connection, even after a reload
    bool sends_proxy_header;                      // must begin with a PROXY header
    bool is_bounded;                              // counts against the limit of its address
  };

  template <class Service>
  static task<void> serve_one(std::shared_ptr<acceptor> self, stream_socket socket, arrival who, const limit_settings& limits,
                              Service& service);
  // Reads the PROXY header that names the connection's client; false if the connection must close.
  task<bool> take_proxy_header(stream_socket& socket, arrival& who, connection_slot& place, const limit_settings& limits);
  bool admit(stream_socket& socket, const arrival& who);
  bool refuse(connection_refusal why);
  template <class Service>
  static void take_in(const std::shared_ptr<acceptor>& self, stream_socket socket, const peer_endpoint& from, const limit_settings& limits,
                      Service& service);

  worker& at_;
  bool is_unix_;
  const published_tls& tls_;
  const published_trust& trust_;
  connection_count& count_;
  connection_slots& places_;
  raw_acceptor raw_;
  steady_timer pause_;
  bool closed_ = false;
};

// Counts one open connection of a listener, until the end of the scope.
class counted_connection {
public:
  explicit counted_connection(connection_count& count) : count_(count) {}
  counted_connection(const counted_connection&) = delete;
  counted_connection& operator=(const counted_connection&) = delete;
  ~counted_connection() { count_.open.fetch_sub(1, std::memory_order_relaxed); }

private:
  connection_count& count_;
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
      co_await self->pause_.async_wait(use_op);  // defence: accept-pause
    }
  }
}

template <class Service>
void acceptor::take_in(const std::shared_ptr<acceptor>& self, stream_socket socket, const peer_endpoint& from, const limit_settings& limits,
                       Service& service) {
  arrival who{from, socket.native_handle(), self->trust_.get()};
  who.from.listener = self->count_.listener;
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
    if (!error) take_in(self, std::move(socket), from, limits, service);  // defence: backlog-accepted
  }
  self->closed_ = true;
  self->raw_.close(error);
  self->pause_.cancel();
}

template <class Service>
task<void> acceptor::serve_one(std::shared_ptr<acceptor> self, stream_socket socket, arrival who, const limit_settings& limits,
                               Service& service) {
  counted_connection const counted{self->count_};
  connection_slot place{self->places_, who.from, who.is_bounded, mono_now()};
  if (who.sends_proxy_header) {
    bool const stays = co_await self->take_proxy_header(socket, who, place, limits);
    if (!stays) co_return;
  }
  std::optional<forwarding_proxy> proxy;
  if (who.trust->forwarding.contains(who.address)) proxy.emplace(who.trust, who.from);
  auto const secured = self->tls_.get();  // the same until the connection ends
  connection_terms terms{self->closed_, &place, proxy ? &*proxy : nullptr, secured->withdrawn.get()};
  terms.public_url = who.trust->public_url;
  if (secured->client_authorities != digest{}) terms.trust_grace = &limits.client_ca_grace;
  if (secured->context) {
    co_await serve_secured(std::move(socket), *secured->context, std::move(who.from), self->at_, limits, service, terms);
  } else {
    co_await serve(std::move(socket), std::move(who.from), self->at_, limits, service, terms);
  }
}

}  // namespace gateway
