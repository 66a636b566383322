#include "app/server/logbook_watch.hpp"

#include <numeric>
#include <utility>

#include "core/auth/account_label.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

void enter(const std::optional<episode::change>& what, logbook_kind begun, logbook_kind ended) {
  if (what) log_entry(what->begun ? begun : ended, {{"count", what->count}, {"lasted_ms", what->lasted}});
}

}  // namespace

void logbook_watch::look(const metrics_snapshot& counted, std::span<const client_row> clients, mono_time now) {
  using kind = logbook_kind;
  auto const& shed = counted.totals.requests[static_cast<std::size_t>(outcome::shed)];
  auto const& refused = counted.totals.connections_refused;
  auto const too_many =
      refused[static_cast<std::size_t>(connection_refusal::total)] + refused[static_cast<std::size_t>(connection_refusal::address)];
  enter(sheds_.look(std::accumulate(shed.begin(), shed.end(), std::uint64_t{0}), now), kind::shedding_begun, kind::shedding_ended);
  enter(refused_connections_.look(too_many, now), kind::connections_refused, kind::connections_accepted);
  auto const lost = lost_lines_.look(counted.log_dropped, now);
  enter(lost, kind::log_lines_lost, kind::log_lines_whole);
  if (lost && !lost->begun) lost_lines_ = {};  // the line that says so may be lost, too: that begins no other episode
  for (auto const& one : polling_.look(clients, now)) {
    if (one.begun) {
      log_entry(kind::polling_in_vain, {{"client", one.who}, {"wasted", one.wasted}, {"requests", one.requests}});
    } else {
      log_entry(kind::polling_ended, {{"client", one.who}, {"lasted_ms", one.lasted}});
    }
  }
  auto const since = std::exchange(last_, now);
  for (auto& one : upstreams_) look_at_accounts(one, since, now);
}

// Accounts of proved credentials only: strangers' requests move no account.
void logbook_watch::look_at_accounts(watched& at, mono_time since, mono_time now) const {
  auto const rules = access_.get();
  auto const named = [&](std::uint64_t account) { return account_label(*rules, key_, account); };
  auto const seen = at.permits.changes_since(since, now);
  for (auto& one : at.circuits.look(seen.circuits, seen.is_complete, named, now)) log_entry(one.kind, std::move(one.fields));
  for (auto const& one : at.limits.look(seen.lowered, seen.most)) {
    log_entry(one.to < one.from ? logbook_kind::limit_lowered : logbook_kind::limit_raised,
              {{"account", named(one.account)}, {"from", one.from}, {"to", one.to}});
  }
}

}  // namespace gateway
