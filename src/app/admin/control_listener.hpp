// A listener of the control worker: the admin listener, or the one where scrapers and probes get what needs no token.
// Thread rule: belongs to the control worker. Life: outlives the sessions that it has started.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/admin/admin_service.hpp"
#include "io/net/acceptor.hpp"
#include "io/net/inherited_sockets.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class control_listener {
public:
  // `name`: in announcements and labels. `most`: connections at once.
  control_listener(std::string_view name, worker& at, admin_backend& backend, const secret& token, admin_service::offer what,
                   std::uint64_t most, const short_hash_key& key)
      : name_(name), at_(at), service_(backend, token, what), limiter_(most, 0, key), slots_(at, limiter_) {}

  // Uses the inherited socket of that address, or binds a new one. False and a sentence if it cannot be bound.
  bool open(const std::string& address, inherited_sockets& inherited, std::string& why_not);
  void start(const limit_settings& limits);
  void settings_changed(const limit_settings& limits);
  // Accepts the connections that are already established, and no new ones.
  void close();

  [[nodiscard]] const listening_socket& socket() const { return socket_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  // Known once it is open.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint64_t connections() const { return count_.open.load(std::memory_order_relaxed); }

private:
  std::string_view name_;
  worker& at_;
  admin_service service_;
  limit_settings limits_;
  connection_limiter limiter_;
  connection_slots slots_;
  connection_count count_;
  listening_socket socket_;  // for successors; the acceptor has a descriptor of its own
  std::string url_;
  published_tls plaintext_{std::make_shared<const listener_tls>()};
  published_trust no_trust_{std::make_shared<const listener_trust>()};
  std::shared_ptr<acceptor> acceptor_;
};

}  // namespace gateway
