#include "io/upstream/poster.hpp"

#include "core/settings/egress.hpp"
#include "io/upstream/upstream_network.hpp"

namespace gateway {
namespace {

upstream_settings without_detour(upstream_settings way) {
  way.connect_to.clear();
  return way;
}

std::shared_ptr<const egress_proxy> proxy_of(const upstream_settings& way, const origin& where, const published_secret* credential) {
  if (credential == nullptr || way.proxy.empty()) return nullptr;
  return std::make_shared<const egress_proxy>(tunnel_authority(way, where), *credential);
}

}  // namespace

poster::poster(worker& at, upstream_settings way, const origin& where, std::shared_ptr<client_tls> tls,
               const published_secret* proxy_credential)
    : at_(at),
      way_(without_detour(std::move(way))),
      where_(where),
      resolver_(dialled_origin(way_, where_), upstream_network::lifetime_of(way_)),
      connector_(at, way_, std::move(tls), proxy_of(way_, where_, proxy_credential)) {}

task<exchange_result> poster::post(const secret& request, mono_time deadline) {
  hop_ledger unused{hop::resolve, mono_now()};
  auto connection = std::move(idle_);
  if (connection && !connection->is_quiet()) connection.reset();
  if (!connection) {
    auto addresses = co_await resolver_.find(at_.get_executor(), deadline);
    auto made = co_await connector_.open(std::move(addresses), deadline, unused);
    if (!made.connection) {
      exchange_result none;
      none.failed = made.failed;
      co_return none;
    }
    resolver_.prefer(made.where);
    connection = std::move(made.connection);
  }
  auto result = co_await connection->exchange(request, way_, deadline, nullptr, nullptr, unused);
  if (connection->is_reusable()) idle_ = std::move(connection);
  co_return result;
}

}  // namespace gateway
