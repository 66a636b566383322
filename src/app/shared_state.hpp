// What all workers share, each part with a synchronous interface of its own, so that no lock can be held across a wait.
// Thread rule: any thread; keys and settings are read-only after start.
#pragma once

#include <atomic>

#include "app/authorized_cache.hpp"
#include "app/client_limit.hpp"
#include "core/settings/settings.hpp"
#include "io/access_files.hpp"
#include "io/upstream/flight.hpp"
#include "io/upstream/slots.hpp"

namespace gateway {

struct shared_state {
  shared_state(const settings& values, const short_hash_key& for_tables, published_rules::pointer rules)
      : config(values),
        table_key(for_tables),
        access(std::move(rules)),
        clients(values.client_limit, for_tables),
        cache({values.cache.max_bytes, values.cache.max_entry_bytes}),
        visible(cache, config.credentials, for_tables, access.get()->key),
        slots(values.upstream.max_in_flight) {}

  const settings config;
  const short_hash_key table_key;
  published_rules access;
  client_limit clients;
  shared_cache cache;        // for operators: all of it
  authorized_cache visible;  // for requests: what their credential may see
  flight_table flights;
  upstream_slots slots;
  std::atomic<std::uint64_t> waiting{0};               // requests that wait for a flight
  std::atomic<std::uint64_t> reported_concurrency{0};  // the last Twilio-Concurrent-Requests
};

}  // namespace gateway
