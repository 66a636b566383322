// What all lanes share about the network between this process and the upstream: its addresses, and when a connection was last found dead.
// Thread rule: any thread.
#pragma once

#include <atomic>

#include "core/settings/egress.hpp"
#include "io/upstream/resolver.hpp"

namespace gateway {

// A connection that has died silently is seldom alone: a firewall or a failover forgets all that were open then.
class silent_connections {
public:
  // An exchange that was sent at `sent` got no byte: its own bytes were not acknowledged, or its reused connection timed out.
  void note(mono_time sent) {
    auto const next = sent.time_since_epoch().count();
    auto before = sent_.load(std::memory_order_relaxed);
    while (before < next && !sent_.compare_exchange_weak(before, next, std::memory_order_relaxed)) continue;
  }
  // Whether a connection may have died with it: the upstream has not been heard on it since.
  [[nodiscard]] bool may_include(mono_time heard) const {
    return heard.time_since_epoch().count() <= sent_.load(std::memory_order_relaxed);  // defence: silent-discards
  }

private:
  std::atomic<mono_time::rep> sent_{mono_time::min().time_since_epoch().count()};
};

struct upstream_network {
  // `where`: the origin of upstream.url.
  upstream_network(const origin& where, const upstream_settings& values) : names(dialled_origin(values, where), lifetime_of(values)) {}

  static name_lifetime lifetime_of(const upstream_settings& values) { return {values.dns_ttl, values.dns_max_age}; }

  resolver names;
  silent_connections silent;
};

}  // namespace gateway
