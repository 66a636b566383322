#include "io/upstream/pool.hpp"

namespace gateway {

std::unique_ptr<upstream_connection> upstream_pool::take() {
  std::unique_ptr<upstream_connection> found;
  while (!found && !idle_.empty()) {
    auto last = std::move(idle_.back());
    idle_.pop_back();
    last->idle = false;
    if (last->is_quiet()) found = std::move(last);  // one that is closed, or closed by its idle deadline, is not
  }
  idle_count_.store(idle_.size(), std::memory_order_relaxed);
  return found;
}

void upstream_pool::give_back(std::unique_ptr<upstream_connection> used, mono_time now) {
  if (!used->is_reusable() || idle_.size() >= max_idle_) return;
  used->deadline = now + idle_timeout_;
  used->idle = true;
  idle_.push_back(std::move(used));
  idle_count_.store(idle_.size(), std::memory_order_relaxed);
}

}  // namespace gateway
