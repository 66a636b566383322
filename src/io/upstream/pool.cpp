#include "io/upstream/pool.hpp"

#include <algorithm>

namespace gateway {

std::unique_ptr<upstream_connection> upstream_pool::take() {
  drop_silent();
  std::unique_ptr<upstream_connection> found;
  while (!found && !idle_.empty()) {
    auto last = std::move(idle_.back().connection);
    idle_.pop_back();
    if (last->is_quiet()) found = std::move(last);  // defence: idle-is-quiet
  }
  changed();
  return found;
}

void upstream_pool::give_back(std::unique_ptr<upstream_connection> used, mono_time now) {
  // The addresses of a name change, so every connection has a maximum age.
  auto const until = std::min(now + settings_.idle_timeout, used->connected_at() + settings_.max_connection_age);
  if (!used->is_reusable() || until < now || idle_.size() >= max_idle_ || silent_.may_include(used->heard_at())) return;
  used->set_deadline(never);  // the pool watches an idle connection
  idle_.push_back({std::move(used), until});
  changed();
}

void upstream_pool::clear() {
  idle_.clear();
  changed();
}

void upstream_pool::drop_silent() {
  // A lane learns here what another lane has found out.
  if (std::erase_if(idle_, [&](const resting& one) { return silent_.may_include(one.connection->heard_at()); }) > 0) changed();
}

void upstream_pool::on_deadline() {
  auto const now = mono_now();
  std::erase_if(idle_, [&](const resting& one) { return one.until <= now; });
  changed();
}

void upstream_pool::changed() {
  auto next = never;
  for (auto const& one : idle_) next = std::min(next, one.until);
  set_deadline(next);
  idle_count_.store(idle_.size(), std::memory_order_relaxed);
}

}  // namespace gateway
