#include "app/server/lane.hpp"

#include <algorithm>

#include "app/server/capacity.hpp"
#include "core/settings/upstreams.hpp"

namespace gateway {

void lane::serve(served_upstream& where, const data_parts& parts) {
  auto const& values = upstream_named(at.config, where.name);
  auto const max_idle = idle_connections(values, at.config.worker_count());
  upstreams.push_back(std::make_unique<lane_upstream>(at, where, values, max_idle, parts));
}

lane_upstream& lane::upstream(const std::string& name) const { return **std::ranges::find(upstreams, name, &lane_upstream::name); }

void lane::listen(opening what) {
  auto& on = *what.on;
  auto& service = upstream(what.upstream).service;  // defence: service-of-listener
  for (auto& one : what.sockets) {
    auto made = std::make_shared<acceptor>(at, std::move(one), on.certificate.current(), on.trust, on.connections, slots_);
    acceptors_.push_back({made, &service});
    at.start_task("accept", acceptor::run(std::move(made), at.config.limits, service));
  }
}

void lane::stop_listening(const data_listener& on) {
  std::erase_if(acceptors_, [&](const accepting& one) {
    bool const is_its = &one.which->counts() == &on.connections;
    if (is_its) acceptor::close(one.which, at.config.limits, *one.service);
    return is_its;
  });
  at.deadlines.drain();
}

void lane::take_over(const settings& next, std::size_t which, std::size_t lanes, const other_trust& tls) {
  at.config = next;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    auto& one = *upstreams[i];
    one.in_force = upstream_named(next, one.name);
    one.service.settings_changed();
    auto const warm = share_of(one.in_force.warm_connections, which, lanes);
    one.fetches.settings_changed(idle_connections(one.in_force, lanes), warm, tls[i]);
  }
}

void lane::forget_erased() {
  at.output.wipe();
  at.bodies.forget();
}

void lane::drain() {
  at.enter(worker_phase::draining);
  for (auto const& one : acceptors_) acceptor::close(one.which, at.config.limits, *one.service);
  for (auto const& one : upstreams) one->fetches.drain();
  at.deadlines.drain();
  at.enter(worker_phase::ending);
}

}  // namespace gateway
