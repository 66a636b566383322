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
  // `rules`: of operators. Both `rules` and `tls` may be replaced while it runs.
  control_listener(std::string_view name, worker& at, admin_backend& backend, const admin_rules& rules, const published_tls& tls,
                   admin_service::offer what, std::uint64_t most, const short_hash_key& key)
      : service_(backend, rules, what), listener_(name, at, service_, tls, most, key) {}

  // Uses the inherited socket of that address, or binds a new one. False and a sentence if it cannot be bound.
  bool open(const std::string& address, inherited_sockets& inherited, std::string& why_not) {
    return listener_.open(address, inherited, why_not);
  }
  void start(const limit_settings& limits) { listener_.start(limits_from(limits)); }
  void settings_changed(const limit_settings& limits) { listener_.settings_changed(limits_from(limits)); }
  // Accepts the connections that are already established, and no new ones.
  void close() { listener_.close(); }

  [[nodiscard]] const single_listener<admin_service>& listener() const { return listener_; }
  [[nodiscard]] const admin_service::refusals& refused() const { return service_.refused(); }

private:
  static limit_settings limits_from(const limit_settings& limits);

  admin_service service_;
  single_listener<admin_service> listener_;
};

}  // namespace gateway
