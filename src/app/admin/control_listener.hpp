// A listener of the control lane: the admin's own, or the one on which scrapers and probes get what needs no token.
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
  control_listener(std::string_view name, worker& at, const admin_service::sources& from, const secret& token, admin_service::offer what,
                   std::uint64_t most, const short_hash_key& key)
      : name_(name), at_(at), service_(from, token, what), limiter_(most, 0, key), places_(at, limiter_) {}

  // On the inherited socket of that address, or on one of its own. False and a sentence if the address cannot be had.
  bool open(const std::string& address, inherited_sockets& inherited, std::string& why_not);
  void start(const limit_settings& limits);
  void settings_changed(const limit_settings& limits);
  // Takes in who has connected already, and nobody else.
  void close();

  [[nodiscard]] const listening_socket& socket() const { return socket_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  // Once it is open.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint64_t connections() const { return count_.open.load(std::memory_order_relaxed); }

private:
  std::string_view name_;
  worker& at_;
  admin_service service_;
  limit_settings limits_;
  connection_limiter limiter_;
  connection_slots places_;
  connection_count count_;
  listening_socket socket_;  // the acceptor has a descriptor of its own: this one is for successors
  std::string url_;
  published_tls plaintext_{std::make_shared<const listener_tls>()};
  published_trust no_trust_{std::make_shared<const listener_trust>()};
  std::shared_ptr<acceptor> acceptor_;
};

}  // namespace gateway
