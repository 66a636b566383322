// What all workers share, each part with a synchronous interface of its own, so that no lock can be held across a wait.
// Thread rule: any thread; keys and settings are read-only after start.
#pragma once

#include <atomic>

#include "app/client_limit.hpp"
#include "app/shared_cache.hpp"
#include "core/settings/settings.hpp"
#include "io/upstream/flight.hpp"
#include "io/upstream/slots.hpp"

namespace gateway {

struct shared_state {
  shared_state(const settings& values, const short_hash_key& for_tables, const fingerprint_key& for_credentials)
      : config(values),
        table_key(for_tables),
        credential_key(for_credentials),
        clients(values.client_limit, for_tables),
        cache(values.cache.max_bytes),
        slots(values.upstream.max_in_flight) {}

  const settings config;
  const short_hash_key table_key;
  const fingerprint_key credential_key;
  client_limit clients;
  shared_cache cache;
  flight_table flights;
  upstream_slots slots;
  std::atomic<std::uint64_t> waiting{0};               // requests that wait for a flight
  std::atomic<std::uint64_t> reported_concurrency{0};  // the last Twilio-Concurrent-Requests
};

}  // namespace gateway
