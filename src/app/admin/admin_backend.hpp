// What the admin listener shows and changes: the server behind it.
// Thread rule: every function is called on the control worker's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/admin/admin_parameters.hpp"
#include "app/admin/lever_order.hpp"
#include "app/fleet/fleet_marks.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "core/cache/store.hpp"
#include "core/request/summary_request.hpp"
#include "core/telemetry/metrics_snapshot.hpp"
#include "core/telemetry/recorder.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// What a reload changed. If there are problems, it changed nothing.
struct reload_outcome {
  std::vector<std::string> changed;  // keys of settings
  std::vector<std::string> problems;
};

// What became of an order to hold something by hand, or no longer.
struct lever_outcome {
  std::string problem;      // "": it is done
  std::string account;      // as operators read of it; "" for a pause
  std::size_t changed = 0;  // levers that were set, or that were there and are lifted
};

// The operator that asks for a change, as far as the gateway knows.
struct operator_trace {
  operator_trace(std::string who, std::string where, std::string_view may)  // it is handed to coroutines
      : by(std::move(who)), from(std::move(where)), role(may) {}

  std::string by;         // an operator's name, a signal
  std::string from;       // the address, or the user and the process behind a unix socket; "" for a signal
  std::string_view role;  // a literal; "" for a signal, and where nobody is named
};

// A change that was refused.
struct refused_change {
  std::string_view resource;  // the path of the admin listener, as its table has it
  std::string why;            // the sentence that the answer has
  bool is_stranger;           // nobody known asked for it
};

class admin_backend {
public:
  struct purged {
    std::size_t taken = 0;              // entries that no request is answered from any more
    std::uint64_t ticket = 0;           // the purge is complete on disk once is_settled(ticket)
    std::optional<std::uint64_t> told;  // to the fleet, if there is one; for told_state()
  };

  virtual ~admin_backend() = default;

  // False while the gateway starts or drains.
  [[nodiscard]] virtual bool is_ready() const = 0;
  // All figures of one scrape.
  [[nodiscard]] virtual metrics_snapshot metrics() const = 0;
  // The same with an exemplar for each recorded request, which only OpenMetrics has room for.
  [[nodiscard]] virtual metrics_snapshot metrics_with_exemplars() const = 0;
  // What the dashboard draws, as JSON. The history begins after sample number `after`.
  [[nodiscard]] virtual std::string stats(std::uint64_t after) const = 0;
  // What the cache knows of a call and what its next request would do, as JSON.
  [[nodiscard]] virtual std::string explain(const explain_parameters& wanted) const = 0;
  // Recorded requests, newest first, `limit` at most, as JSON.
  [[nodiscard]] virtual std::string slow_requests(const record_filter& wanted, std::size_t limit) const = 0;
  // The busiest clients, as a JSON list.
  [[nodiscard]] virtual std::string busiest_clients() const = 0;

  // The entries of the logbook after number `since`, as JSON.
  [[nodiscard]] virtual std::string events(std::uint64_t since) const = 0;

  // The audit trail after line `since`, as JSON.
  [[nodiscard]] virtual std::string audit(std::uint64_t since) const = 0;
  virtual void note_refusal(const refused_change& what, const operator_trace& asker) = 0;

  // What other policies would have done, as JSON.
  [[nodiscard]] virtual std::string shadow_report() = 0;

  // The settings in force, as JSON.
  [[nodiscard]] virtual std::string settings_report() const = 0;
  // The fleet as this gateway sees it, as JSON.
  [[nodiscard]] virtual std::string fleet_report() const = 0;

  virtual purged purge(const purge_scope& what, purge_depth how, const operator_trace& asker) = 0;
  // False while something of that purge may still be on disk.
  [[nodiscard]] virtual bool is_settled(std::uint64_t ticket) const = 0;
  // What became of it in the fleet.
  [[nodiscard]] virtual telling told_state(std::uint64_t told) const = 0;

  // Erases all that is kept about one number, here and in the fleet. The number of its record; nullopt: too many were erased lately.
  virtual std::optional<std::uint64_t> erase(const secret& party, const operator_trace& asker) = 0;
  struct erasure_view {
    bool is_running = false;
    bool is_complete = false;
    std::string json;
  };
  [[nodiscard]] virtual erasure_view erasure(std::uint64_t number) = 0;
  // The records of the last erasures, newest first, as JSON.
  [[nodiscard]] virtual std::string erasures() = 0;

  virtual lever_outcome pull(const lever_order& what, const operator_trace& asker) = 0;
  // Reads the settings again and applies all changes or none. It takes seconds at most, also if a disk does not answer.
  virtual task<reload_outcome> reload(operator_trace asker) = 0;

  // Raises an alert for so long that somebody should hear of it.
  static constexpr std::chrono::minutes alert_test_lasts{5};
  virtual void test_alert(const operator_trace& asker) = 0;
};

}  // namespace gateway
