// A listener with one socket, on one worker, and with a bound of its own on connections: those of the control worker.
// Thread rule: belongs to its worker. Life: outlives the sessions that it has started.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/settings/endpoint.hpp"
#include "io/net/acceptor.hpp"
#include "io/net/inherited_sockets.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

template <class Service>
class single_listener {
public:
  // `name`: in announcements and labels. `most`: connections at once. `tls` may be replaced while it runs.
  single_listener(std::string_view name, worker& at, Service& service, const published_tls& tls, std::uint64_t most,
                  const short_hash_key& key)
      : name_(name), at_(at), service_(service), tls_(tls), limiter_(most, 0, key), slots_(at, limiter_) {}

  // Uses the inherited socket of that address, or binds a new one. False and a sentence if it cannot be bound.
  bool open(const std::string& address, inherited_sockets& inherited, std::string& why_not) {
    auto const where = *parse_endpoint(address);
    auto taken = inherited.take(where);
    socket_ = taken.empty() ? listening_socket::open(where, {}, false, why_not) : std::move(taken.front());
    if (socket_.is_open()) url_ = url_of(socket_.where(), tls_.get()->context != nullptr);
    return socket_.is_open();
  }
  void start(const limit_settings& limits) {
    limits_ = limits;
    acceptor_ = std::make_shared<acceptor>(at_, socket_.duplicate(), tls_, no_trust_, count_, slots_);
    at_.start_task(name_, acceptor::run(acceptor_, limits_, service_));
  }
  void settings_changed(const limit_settings& limits) { limits_ = limits; }
  // Accepts the connections that are already established, and no new ones.
  void close() {
    socket_ = {};  // closing the last descriptor refuses new connections, unless a successor has the socket
    if (acceptor_) acceptor::close(acceptor_, limits_, service_);
  }

  [[nodiscard]] const listening_socket& socket() const { return socket_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  // Known once it is open.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint64_t connections() const { return count_.open.load(std::memory_order_relaxed); }

private:
  std::string_view name_;
  worker& at_;
  Service& service_;
  const published_tls& tls_;
  limit_settings limits_;
  connection_limiter limiter_;
  connection_slots slots_;
  connection_count count_;
  listening_socket socket_;  // for successors; the acceptor has a descriptor of its own
  std::string url_;
  published_trust no_trust_{std::make_shared<const listener_trust>()};
  std::shared_ptr<acceptor> acceptor_;
};

}  // namespace gateway
