// Looks every two seconds at what changes too often for a line each time, or on the paths of requests, and enters into the logbook what an
// operator should know of it: circuits and limits of accounts, sheds, refused connections, lost lines.
// Thread rule: belongs to the control lane.
#pragma once

#include <string>

#include "core/telemetry/circuit_changes.hpp"
#include "core/telemetry/limit_changes.hpp"
#include "core/telemetry/metrics_snapshot.hpp"
#include "core/telemetry/spell.hpp"
#include "io/files/access_files.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

class logbook_watch {
public:
  logbook_watch(const upstream_permits& permits, const published_rules& access, const short_hash_key& table_key)
      : permits_(permits), access_(access), key_(table_key) {}

  void look(const metrics_snapshot& counted, mono_time now);

private:
  void look_at_accounts(mono_time now);

  const upstream_permits& permits_;
  const published_rules& access_;
  const short_hash_key& key_;
  circuit_changes circuits_;
  limit_changes limits_;
  spell sheds_;
  spell refused_connections_;
  spell lost_lines_;
  mono_time last_ = mono_time::min();
};

}  // namespace gateway
