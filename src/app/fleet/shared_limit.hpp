// One budget for each account in a fleet, and the circuits with it: what the limiter of this gateway reports travels to the engine, and the
// engine's word back. Of each account one report at a time is under way. While the engine is in trouble, the gateway goes on alone.
// Thread rule: begin() and end() on the main thread; figures() and the limiter's news on any thread; the rest on the fleet's lane.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "app/fleet/account_names.hpp"
#include "app/fleet/shared_circuits.hpp"
#include "core/fleet/budget_figures.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/fleet/shared_budget.hpp"
#include "io/fleet/engine.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

class shared_limit {
public:
  // `where` has no account: each report adds its own. `upstream`: what tells the permits' upstream from others of the fleet; "" for the
  // section upstream.
  shared_limit(worker& at, engine& link, upstream_permits& permits, const fleet_keys& keys, budget_place where,
               const std::string& upstream = "");
  ~shared_limit() { permits_.on_news({}); }
  shared_limit(const shared_limit&) = delete;
  shared_limit& operator=(const shared_limit&) = delete;

  // `heard`: called on the fleet's lane, whether the engine can be asked, and how many gateways are alive. Before begin().
  void on_state(std::function<void(const fleet_state&)> heard) { on_state_ = std::move(heard); }
  // Before the lanes run. `first_beat`: so long requests may wait for the engine to be connected.
  void begin(std::chrono::nanoseconds first_beat);
  void end();
  // A message of the engine's feed.
  void take_message(std::string_view message);
  // The engine was connected: it is asked at once.
  void engine_connected() { pause_->wake(); }

  [[nodiscard]] budget_figures figures() const;

private:
  struct talk {
    bool anyway = false;  // its slots have changed in the engine
  };

  void hear();
  void report(std::uint64_t account, bool anyway);
  task<void> speak(std::uint64_t account);
  task<void> beat(mono_time next);
  void take_beat(const engine_answer& answer);
  void go_alone();
  void tell(const fleet_state& fleet);
  [[nodiscard]] std::uint64_t members() const { return members_.load(std::memory_order_relaxed); }

  worker& at_;
  engine& link_;
  upstream_permits& permits_;
  account_names names_;
  const budget_place where_;
  shared_circuits circuits_;
  std::function<void(const fleet_state&)> on_state_;
  std::shared_ptr<sleeper> pause_;
  std::unordered_map<std::uint64_t, talk> talks_;  // accounts with a report under way
  bool ends_ = false;
  std::atomic<bool> heard_{false};  // a look at the news is on its way to the lane
  std::atomic<bool> alone_{false};
  std::atomic<std::uint64_t> members_{1};
};

}  // namespace gateway
