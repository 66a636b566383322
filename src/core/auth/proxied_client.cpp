#include "core/auth/proxied_client.hpp"

#include "core/request/forwarded.hpp"

namespace gateway {

void apply_proxy_header(client& from, const std::optional<ip_address>& whom) {
  from.is_local = false;  // defence: proxy-header-not-local
  from.user.reset();
  if (whom) from.address = group_of(*whom);
}

forwarding_proxy::forwarding_proxy(std::shared_ptr<const listener_trust> trust, client& itself)
    : trust_(std::move(trust)), own_address_(itself.address), own_user_(itself.user) {
  itself.is_proxied = true;
  itself.is_local = false;  // defence: proxied-not-local
}

void forwarding_proxy::introduce(client& from, std::string_view fields) const {
  auto const whom = client_behind(fields, trust_->forwarding);
  auto const address = whom ? group_of(*whom) : own_address_;
  auto const user = whom ? std::nullopt : own_user_;
  if (from.address == address && from.user == user) return;
  from.address = address;
  from.user = user;
  from.memo = identity_memo();  // defence: proxied-memo
  from.known_as = client_name();
}

}  // namespace gateway
