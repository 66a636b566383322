// The fleet as one gateway sees it: the link to the engine, on a lane of its own. Data lanes post to it, and no hit ever meets it.
// Thread rule: made, started and joined on the main thread; end(), engine() and figures() on any thread.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/fleet/budget_figures.hpp"
#include "core/fleet/mark_figures.hpp"
#include "core/settings/settings.hpp"
#include "io/fleet/engine_link.hpp"

namespace gateway {

// Throws std::runtime_error if the file of the password cannot be used.
engine_access engine_access_of(const fleet_settings& from);

class fleet {
public:
  // Throws std::runtime_error if the file with the engine's password cannot be used.
  fleet(const settings& values, std::uint64_t seed);
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  // Both are called on the lane's thread: for each message of the feed, and for each connection that begins. Before start().
  void listen(std::function<void(std::string_view)> message, std::function<void()> connected) {
    link_.on_message(std::move(message));
    link_.on_connect(std::move(connected));
  }
  // `ended`: called on the lane's thread when it has ended.
  void start(std::function<void()> ended);
  // Replies under way are awaited until then at most.
  void end(mono_time latest);
  [[nodiscard]] bool has_ended() const { return ended_.load(std::memory_order_acquire); }
  void join() { at_.join(); }
  // After the end: whether something hangs, so that this must not be destroyed.
  [[nodiscard]] bool left_work() const { return at_.left_work(); }

  [[nodiscard]] engine& link() { return link_; }
  // For parts of the fleet that run on its lane.
  [[nodiscard]] worker& lane() { return at_; }
  [[nodiscard]] engine_figures figures() const { return link_.figures(); }
  // For /api/fleet, as JSON.
  [[nodiscard]] std::string report(const mark_figures& marks, const std::optional<budget_figures>& budget) const;

private:
  worker at_;
  engine_link link_;
  std::atomic<bool> ended_{true};
};

}  // namespace gateway
