#include "app/server/lane.hpp"

#include "app/server/capacity.hpp"

namespace gateway {

lane::lane(std::uint64_t seed, const settings& values, const data_parts& parts, const origin& where, std::shared_ptr<client_tls> tls,
           upstream_network& network, connection_limiter& limiter, std::shared_ptr<const egress_proxy> through)
    : slots_(at, limiter),
      at(seed, values),
      upstream(at, at.config.upstream, idle_connections(values), where, std::move(tls), parts.fetching.permits, network,
               std::move(through)),
      service(at, upstream, parts) {}

void lane::listen(data_listener& on, data_listeners::for_lane sockets) {
  for (auto& one : sockets) {
    acceptors_.push_back(std::make_shared<acceptor>(at, std::move(one), on.certificate.current(), on.trust, on.connections, slots_));
    at.start_task("accept", acceptor::run(acceptors_.back(), at.config.limits, service));
  }
}

void lane::stop_listening(const data_listener& on) {
  std::erase_if(acceptors_, [&](const auto& one) {
    bool const is_its = &one->counts() == &on.connections;
    if (is_its) acceptor::close(one, at.config.limits, service);
    return is_its;
  });
  at.deadlines.drain();
}

void lane::take_over(const settings& next, std::size_t warm, std::shared_ptr<client_tls> tls) {
  at.config = next;
  service.settings_changed();
  upstream.settings_changed(idle_connections(next), warm, std::move(tls));
}

void lane::forget_erased() {
  at.output.wipe();
  at.bodies.forget();
}

void lane::drain() {
  at.enter(worker_phase::draining);
  for (auto const& one : acceptors_) acceptor::close(one, at.config.limits, service);
  upstream.drain();
  at.deadlines.drain();
  at.enter(worker_phase::ending);
}

}  // namespace gateway
