// One quota for each client in a fleet: what this gateway holds of it travels to the engine, and the engine's word back. Of each client one
// report at a time is under way. While the engine is in trouble, the gateway has its part of each quota alone. At the end, it gives back
// what it has not used.
// Thread rule: begin() and end() on the main thread; the news on any thread; the rest on the fleet's lane.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "app/state/client_quotas.hpp"
#include "core/fleet/shared_quota.hpp"
#include "io/fleet/engine.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class shared_quotas {
public:
  // `where` has no client: each report adds its own.
  shared_quotas(worker& at, engine& link, client_quotas& quotas, const fleet_keys& keys, quota_place where);
  ~shared_quotas() { quotas_.on_news({}); }
  shared_quotas(const shared_quotas&) = delete;
  shared_quotas& operator=(const shared_quotas&) = delete;

  static constexpr std::chrono::seconds usual_patience{1};
  // Before the lanes run. `patience`: a gateway that has just started does not know how many there are. So long it waits for the engine
  // before it takes a part alone.
  void begin(std::chrono::nanoseconds patience = usual_patience);
  // No request comes any more. `then`: called on the fleet's lane when the engine has confirmed what is given back, at `latest` at the
  // latest.
  void end(mono_time latest, std::function<void()> then);
  // Whether the engine can be asked, and how many gateways are alive.
  void set_fleet(const fleet_state& fleet);

private:
  void hear();
  task<void> speak(std::string client);
  task<void> beat();
  task<void> leave(mono_time latest, std::function<void()> then);

  worker& at_;
  engine& link_;
  client_quotas& quotas_;
  const fleet_keys& keys_;
  const quota_place where_;
  std::shared_ptr<sleeper> pause_;
  std::shared_ptr<sleeper> last_talk_;        // has ended
  std::set<std::string, std::less<>> talks_;  // clients with a report under way
  std::uint64_t order_ = 0;                   // of the last report
  std::uint64_t members_ = 1;
  bool has_met_engine_ = false;
  mono_time patient_until_{};
  bool ends_ = false;
  bool over_ = false;               // nothing is said any more
  std::atomic<bool> heard_{false};  // a look at the news is on its way to the lane
};

}  // namespace gateway
