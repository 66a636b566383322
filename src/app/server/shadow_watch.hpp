// Takes what the lanes show to the shadow ten times a second, and gives it to core/shadow in the order of time. Without the setting shadow
// it does nothing.
// Thread rule: belongs to the control worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/state/shadow_feed.hpp"
#include "core/cache/store.hpp"
#include "core/shadow/shadow_sample.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class shadow_watch {
public:
  explicit shadow_watch(worker& control) : control_(control), timer_(control.get_executor()) {}

  // Of each lane, before the lanes start.
  void attach(shadow_feed& one) { feeds_.push_back(&one); }
  // Begins anew with these settings, or ends.
  void take_over(const settings& values);
  // The operator has erased something. What became old is seen at its next request.
  void purge(const purge_scope& what, purge_depth how, const short_hash_key& table_key);
  // /api/shadow
  std::string report();
  // The end has come.
  void stop() { timer_.cancel(); }

private:
  task<void> run();
  void look();
  [[nodiscard]] shadow_feed::counts counted() const;

  worker& control_;
  steady_timer timer_;
  std::vector<shadow_feed*> feeds_;
  std::optional<shadow_sample> sample_;  // nullopt: the shadow is off
  std::vector<sighting> waiting_;        // taken from the lanes, and not looked at yet
  instant since_{};
  shadow_feed::counts before_;  // what was counted until then
  mono_time forgets_at_{};
  bool runs_ = false;
};

}  // namespace gateway
