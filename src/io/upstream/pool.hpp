// Idle connections to the upstream, the most recently used first, so that in quiet times the rest can age and close.
// Thread rule: belongs to its worker.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "io/upstream/connection.hpp"

namespace gateway {

class upstream_pool {
public:
  explicit upstream_pool(std::size_t max_idle, span idle_timeout) : max_idle_(max_idle), idle_timeout_(idle_timeout) {}

  // Null if none is left that is still quiet.
  std::unique_ptr<upstream_connection> take();
  // Keeps it if another exchange may follow, else closes it.
  void give_back(std::unique_ptr<upstream_connection> used, mono_time now);
  void clear() { idle_.clear(); }

  // Read by a scrape.
  [[nodiscard]] std::uint64_t idle_count() const { return idle_count_.load(std::memory_order_relaxed); }

private:
  std::size_t max_idle_;
  span idle_timeout_;
  std::vector<std::unique_ptr<upstream_connection>> idle_;
  std::atomic<std::uint64_t> idle_count_{0};
};

}  // namespace gateway
