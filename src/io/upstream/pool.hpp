// Idle connections to the upstream, the most recently used first: in quiet times the others can age and close.
// Thread rule: belongs to its worker. Time rule: swept like any connection; a connection that was idle or open for too long closes within a
// tick.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "io/upstream/connection.hpp"
#include "io/upstream/upstream_network.hpp"

namespace gateway {

class upstream_pool final : public timed {
public:
  upstream_pool(worker& at, std::size_t max_idle, const upstream_settings& settings, const silent_connections& silent)
      : timed(at.deadlines), settings_(settings), silent_(silent), max_idle_(max_idle) {}

  // Null if no quiet connection is left.
  std::unique_ptr<upstream_connection> take();
  // Stores the connection if another exchange may follow, else closes it.
  void give_back(std::unique_ptr<upstream_connection> used, mono_time now);
  void clear();
  // Closes the connections that may have died silently.
  void drop_silent();
  void set_max_idle(std::size_t most) { max_idle_ = most; }

  void on_deadline() override;

  // For scrapes.
  [[nodiscard]] std::uint64_t idle_count() const { return idle_count_.load(std::memory_order_relaxed); }

private:
  struct resting {
    std::unique_ptr<upstream_connection> connection;
    mono_time until;
  };
  void changed();

  const upstream_settings& settings_;
  const silent_connections& silent_;
  std::size_t max_idle_;
  std::vector<resting> idle_;  // the most recently used comes last
  std::atomic<std::uint64_t> idle_count_{0};
};

}  // namespace gateway
