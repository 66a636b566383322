#include "io/upstream/reach.hpp"

#include "core/settings/egress.hpp"
#include "io/upstream/upstream_network.hpp"

namespace gateway {
namespace {

using step = way_report::step;

step step_of(const upstream_connection& failed) {
  auto const& times = failed.times();
  if (times.shakes_hands != mono_time{}) return step::handshake;
  if (times.asks_proxy != mono_time{}) return step::tunnel;
  return step::connection;
}

}  // namespace

// One address after the other: whoever waits wants to know, and a race of addresses would leave losers behind.
task<reached> reach(worker& at, const destination& to, mono_time deadline) {
  reached made;
  auto const dialled = dialled_origin(to.way, to.where);
  made.report.dialled = dialled.authority();
  made.report.by_proxy = to.through != nullptr;
  made.report.has_tls = to.tls->is_used();
  resolver names{dialled, upstream_network::lifetime_of(to.way)};
  auto const until = mono_now() + (deadline - mono_now()) / 2;
  auto const addresses = co_await names.find(at.get_executor(), until);
  made.report.addresses = addresses.size();
  if (addresses.empty() && mono_now() >= until) made.report.cause = "no answer in time";
  for (auto const& one : addresses) {
    auto connection = std::make_unique<upstream_connection>(at, to.tls, to.through);
    auto const failed = co_await connection->open(one, to.way, deadline);
    if (!failed) {
      made.report.ended_at = step::open;
      made.report.cause.clear();
      made.report.protocol = connection->protocol();
      made.report.life = connection->certificate();
      made.connection = std::move(connection);
      co_return made;
    }
    // Of several failures, that of the address which came furthest says most.
    if (auto const ended_at = step_of(*connection); ended_at >= made.report.ended_at) {
      made.report.ended_at = ended_at;
      made.report.cause = connection->cause();
      made.report.failed = *failed;
    }
    if (mono_now() >= deadline) break;
  }
  co_return made;
}

}  // namespace gateway
