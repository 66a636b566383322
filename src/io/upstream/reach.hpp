// Opens one connection to another host as the gateway would, and says how far it came: for `ctl doctor`.
// Thread rule: on the worker's thread. Time rule: ends by the deadline.
#pragma once

#include <memory>

#include "core/doctor/way_report.hpp"
#include "io/upstream/connection.hpp"

namespace gateway {

// Where to, by which way, verified how.
struct destination {
  destination(const origin& to, upstream_settings by, std::shared_ptr<client_tls> verified_by,
              std::shared_ptr<const egress_proxy> egress = nullptr)
      : where(to), way(std::move(by)), tls(std::move(verified_by)), through(std::move(egress)) {}

  origin where;
  upstream_settings way;
  std::shared_ptr<client_tls> tls;
  std::shared_ptr<const egress_proxy> through;  // null: there is none
};

struct reached {
  reached() = default;
  way_report report;
  std::unique_ptr<upstream_connection> connection;  // null: the report says why
};

// `to` outlives the connection.
task<reached> reach(worker& at, const destination& to, mono_time deadline);

}  // namespace gateway
