// This gateway as a member of a fleet: the link to the engine, and what is shared through it, as the setting fleet.share says.
// Thread rule: made, started and ended on the main thread; figures(), report(), tier() and purge() on any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/fleet/fleet.hpp"
#include "app/fleet/mark_exchange.hpp"
#include "app/fleet/shared_limit.hpp"
#include "app/fleet/shared_quotas.hpp"
#include "app/fleet/shared_tier.hpp"
#include "app/state/shared_state.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

class fleet_member {
public:
  // Connects nothing yet. `keys` outlive it. Throws std::runtime_error if the file with the engine's password cannot be used.
  fleet_member(const settings& values, const fleet_keys& keys, worker& control, shared_state& shared, file_thread& files,
               std::uint64_t seed);
  fleet_member(const fleet_member&) = delete;
  fleet_member& operator=(const fleet_member&) = delete;

  // Null: neither answers nor flights are shared.
  [[nodiscard]] shared_tier* tier() { return tier_.get(); }
  [[nodiscard]] const shared_tier* tier() const { return tier_.get(); }

  // `take` gets the events that Twilio delivered to other gateways, on the link's thread. Before start().
  void on_event(std::function<void(const told_event&)> take) { marks_.on_event(std::move(take)); }

  // `ended`: called on the link's thread when that has ended.
  void start(std::function<void()> ended);
  // Gives back what was taken ahead of clients' quotas, and sends what is under way, until then at most.
  void end(mono_time latest);
  [[nodiscard]] bool has_ended() const { return link_.has_ended(); }
  // The control worker ends: nothing is told or read any more.
  void stop() { marks_.stop(); }
  // After the end. False: something hangs, so this must not be destroyed.
  [[nodiscard]] bool join();

  // Tells the fleet of a purge, before the entries are erased here. A number for state_of(); nullopt: marks are not shared.
  std::optional<std::uint64_t> purge(const purge_scope& what, purge_depth how);
  [[nodiscard]] telling state_of(std::uint64_t number) const { return marks_.state_of(number); }

  // The same for an erased party.
  std::optional<std::uint64_t> erase(const digest& who);
  // Whether the engine keeps answers, and whether none from before that erasure is left there.
  [[nodiscard]] bool has_tier() const { return tier_ != nullptr; }
  [[nodiscard]] bool is_swept(std::uint64_t number) const { return marks_.is_swept(number); }
  // The other gateways that live, at most so many; each confirms what it has erased, on the link's thread.
  [[nodiscard]] std::vector<std::string> others(std::size_t most) const { return marks_.others(most); }
  void on_erased(mark_exchange::erased_by take) { marks_.on_erased(std::move(take)); }

  void add_figures(metrics_snapshot& to) const;
  // For /api/fleet, as JSON.
  [[nodiscard]] std::string report() const;

private:
  [[nodiscard]] std::optional<budget_figures> budgets() const;
  void hear(std::string_view message);
  void note_connection();

  worker& control_;
  const bool shares_marks_;
  fleet link_;
  mark_exchange marks_;
  std::unique_ptr<shared_tier> tier_;  // null: neither answers nor flights are shared
  struct upstream_budget {
    std::string shown;  // the upstream's name
    std::unique_ptr<shared_limit> budget;
  };
  std::unique_ptr<shared_quotas> quotas_;  // null: the limit is not shared
  std::vector<upstream_budget> budgets_;   // that of the section's upstream first; empty: the limit is not shared
};

}  // namespace gateway
