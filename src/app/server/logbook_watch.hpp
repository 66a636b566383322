// Looks every two seconds at what changes too often for a line each time, or on the paths of requests, and enters into the logbook what an
// operator should know of it: circuits and limits of accounts, clients that poll in vain, sheds, refused connections, lost lines.
// Thread rule: belongs to the control lane.
#pragma once

#include <span>
#include <vector>

#include "core/telemetry/circuit_changes.hpp"
#include "core/telemetry/episode.hpp"
#include "core/telemetry/limit_changes.hpp"
#include "core/telemetry/metrics_snapshot.hpp"
#include "core/telemetry/polling_changes.hpp"
#include "io/files/access_files.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

class logbook_watch {
public:
  // `permits`: of each upstream.
  logbook_watch(const std::vector<const upstream_permits*>& permits, const published_rules& access, const short_hash_key& table_key)
      : upstreams_(permits.begin(), permits.end()), access_(access), key_(table_key) {}

  // `clients`: all rows, merged.
  void look(const metrics_snapshot& counted, std::span<const client_row> clients, mono_time now);
  // Clients.
  [[nodiscard]] std::size_t polling_in_vain() const { return polling_.count(); }

private:
  // The accounts at one upstream.
  struct watched {
    watched(const upstream_permits* which) : permits(*which) {}  // NOLINT(google-explicit-constructor): for the range above
    const upstream_permits& permits;
    circuit_changes circuits;
    limit_changes limits;
  };
  void look_at_accounts(watched& at, mono_time since, mono_time now) const;

  std::vector<watched> upstreams_;
  const published_rules& access_;
  const short_hash_key& key_;
  polling_changes polling_;
  episode sheds_;
  episode refused_connections_;
  episode lost_lines_;
  mono_time last_ = mono_time::min();
};

}  // namespace gateway
