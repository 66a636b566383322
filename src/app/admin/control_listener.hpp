// The admin listener, or the one where scrapers and probes get what needs no token.
// Thread rule: belongs to the control worker. Life: outlives the sessions that it has started.
#pragma once

#include <string>
#include <string_view>

#include "app/admin/admin_service.hpp"
#include "io/net/single_listener.hpp"

namespace gateway {

class control_listener {
public:
  // `name`: in announcements and labels. `most`: connections at once.
  control_listener(std::string_view name, worker& at, admin_backend& backend, const secret& token, admin_service::offer what,
                   std::uint64_t most, const short_hash_key& key)
      : service_(backend, token, what), listener_(name, at, service_, plaintext_, most, key) {}

  // Uses the inherited socket of that address, or binds a new one. False and a sentence if it cannot be bound.
  bool open(const std::string& address, inherited_sockets& inherited, std::string& why_not) {
    return listener_.open(address, inherited, why_not);
  }
  void start(const limit_settings& limits) { listener_.start(limits_from(limits)); }
  void settings_changed(const limit_settings& limits) { listener_.settings_changed(limits_from(limits)); }
  // Accepts the connections that are already established, and no new ones.
  void close() { listener_.close(); }

  [[nodiscard]] const single_listener<admin_service>& listener() const { return listener_; }

private:
  static limit_settings limits_from(const limit_settings& limits);

  admin_service service_;
  published_tls plaintext_{std::make_shared<const listener_tls>()};
  single_listener<admin_service> listener_;
};

}  // namespace gateway
