// The state that all workers share. Each part has a synchronous interface, so that no lock can be held across a wait. Only the server has
// all of it: each class of a lane is given the parts that it uses.
// Thread rule: any thread; keys are read-only after start.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/state/authorized_cache.hpp"
#include "app/state/client_limit.hpp"
#include "app/state/client_quotas.hpp"
#include "app/state/failing_calls.hpp"
#include "app/state/first_seen.hpp"
#include "app/state/held_readers.hpp"
#include "app/state/paced_line.hpp"
#include "app/state/party_eraser.hpp"
#include "app/state/party_guard.hpp"
#include "app/state/pending_writes.hpp"
#include "app/state/polled_calls.hpp"
#include "app/state/refused_accounts.hpp"
#include "app/state/told_by_upstream.hpp"
#include "app/state/uncertain_writes.hpp"
#include "app/state/upstream_tokens.hpp"
#include "app/state/waiting_requests.hpp"
#include "core/request/via.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/upstreams.hpp"
#include "io/files/access_files.hpp"
#include "io/upstream/flight.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// The bounds on upstream requests, from the settings.
inline limiter_policy limiter_policy_of(const upstream_settings& values) {
  limiter_policy policy;
  policy.max_in_flight = values.max_in_flight;
  policy.max_queued = values.max_queued;
  policy.cool_down.longest = values.max_retry_after;
  policy.cool_down.first = std::min(policy.cool_down.first, policy.cool_down.longest);
  policy.breaker.longest = std::min<span>(policy.breaker.longest, values.max_retry_after);
  policy.failures_to_break = static_cast<unsigned>(values.failures_to_break);
  policy.bulk_share = values.bulk_share;
  return policy;
}

// The keys of all upstreams that the settings name.
inline upstream_keys keys_of(const settings& values, const fingerprint_key& plain) {
  upstream_keys keys{plain};
  for (auto const& one : values.upstreams) keys.add(one.name, parse_origin(one.url)->authority());
  return keys;
}

inline store_limits limits_of(const settings& values) { return {values.cache_bytes(), values.cache.max_entry_bytes}; }

// The backoff for a single call for which the upstream fails.
inline backoff_policy backoff_of(const upstream_settings& values) {
  return {values.error_backoff, std::max(values.error_backoff, values.max_retry_after)};
}

inline look_rules look_rules_of(const settings& values) {
  return {values.cache.freshness.not_ready_for, values.polling.longest_step, values.polling.complete_after};
}

// Readers that may be held at once. They leave half of the connections, and have no more places than requests that wait otherwise get.
inline std::uint64_t most_held(const limit_settings& values) { return std::min(values.max_waiters, values.max_connections) / 2; }

// What a named upstream has of its own. All else is shared, and kept apart by its partitions.
struct upstream_state {
  upstream_state(const upstream_settings& values, const upstream_keys& keys, std::uint64_t seed)
      : scope(keys.scope_of(values.name)), permits(limiter_policy_of(values), seed), failing(backoff_of(values), seed + 1) {}

  void take_over(const upstream_settings& next) {
    permits.set_policy(limiter_policy_of(next));
    failing.set_policy(backoff_of(next));
  }

  const upstream_scope scope;
  upstream_permits permits;
  failing_calls failing;
};

inline std::vector<std::unique_ptr<upstream_state>> named_upstreams(const settings& values, const fingerprint_key& plain,
                                                                    std::uint64_t seed) {
  auto const keys = keys_of(values, plain);
  std::vector<std::unique_ptr<upstream_state>> made;
  for (auto const& one : values.upstreams) made.push_back(std::make_unique<upstream_state>(one, keys, seed += 2));
  return made;
}

inline std::vector<digest> sharers_of(const std::vector<std::unique_ptr<upstream_state>>& all) {
  std::vector<digest> made;
  made.reserve(all.size());
  for (auto const& one : all) made.push_back(one->scope.sharers);
  return made;
}

struct shared_state {
  // `seed`: for random choices. `name`: random, of this process; the upstream sees it in Via.
  shared_state(const settings& values, const short_hash_key& for_tables, published_rules::pointer rules, std::uint64_t seed,
               std::uint64_t name)
      : via(via_name(name)),
        table_key(for_tables),
        log_key(derived_key(for_tables, "log")),
        access(std::move(rules)),
        clients(std::make_shared<const client_limit>(values.client_limit, for_tables)),
        quotas(values.credentials.clients),
        disk(values.snapshot.file, for_tables),
        parties(access.get()->key),
        cache(limits_of(values), for_tables, &disk, &parties),
        eraser(cache, parties, disk),
        refused(limiter_policy_of(values.upstream).breaker, seed + 2),
        tokens(seed + 3),
        named(named_upstreams(values, access.get()->key, seed + 4)),
        visible(cache, values.credentials, access.get()->key, &refused, sharers_of(named)),
        permits(limiter_policy_of(values.upstream), seed),
        failing(backoff_of(values.upstream), seed + 1),
        polled(look_rules_of(values), for_tables),
        held(most_held(values.limits), for_tables) {
    parties.set_lasts(values.cache.erased_for);
  }

  // Applies new settings; each worker has its own copy of the others. With a new client limit, all clients start with full buckets.
  void take_over(const settings& next, bool other_client_limit) {
    cache.set_limits(limits_of(next));
    parties.set_lasts(next.cache.erased_for);
    visible.take_over(next.credentials);
    quotas.take_over(next.credentials.clients);
    permits.set_policy(limiter_policy_of(next.upstream));
    for (auto const& one : named) one->take_over(upstream_named(next, one->scope.name));
    failing.set_policy(backoff_of(next.upstream));
    polled.set_rules(look_rules_of(next));
    held.set_most(most_held(next.limits));
    refused.set_policy(limiter_policy_of(next.upstream).breaker);
    if (other_client_limit) clients.replace(std::make_shared<const client_limit>(next.client_limit, table_key));
  }

  // Of the upstream with that name; "" = the section upstream.
  [[nodiscard]] const upstream_permits& permits_of(std::string_view upstream) const {
    auto const found = std::ranges::find(named, upstream, [](auto const& one) -> std::string_view { return one->scope.name; });
    return found == named.end() ? permits : (*found)->permits;
  }

  // The shares of the clients in these rules, for requests that wait; a new one brings its own.
  void take_shares(const access_rules& rules) {
    client_shares shares;
    if (rules.injecting) {
      for (auto const& one : rules.injecting->clients) shares.emplace(one.asker.bits(), one.share);
    }
    permits.set_shares(shares);
    for (auto const& one : named) one->permits.set_shares(shares);
  }

  const std::string via;  // the name of this process there
  const short_hash_key table_key;
  const short_hash_key log_key;  // hashes the calls in log lines
  published_rules access;
  published_limit clients;
  client_quotas quotas;
  snapshot_guard disk;  // keeps erased entries from coming back from the snapshot
  party_guard parties;  // keeps numbers that were erased from being stored
  shared_cache cache;   // for operators: all entries
  party_eraser eraser;
  refused_accounts refused;                                  // mode inject
  upstream_tokens tokens;                                    // mode inject, of accounts with OAuth
  const std::vector<std::unique_ptr<upstream_state>> named;  // upstreams, in the order of the settings at start
  authorized_cache visible;                                  // for requests: only what their credential may see
  flight_table flights;
  upstream_permits permits;  // of the section upstream, as the next
  failing_calls failing;
  polled_calls polled;  // whose summary is not ready
  held_readers held;
  pending_writes writes;
  uncertain_writes uncertain;
  large_answers large;
  waiting_requests waiting;
  paced_line loop_line;
  paced_line protocol_line;
  paced_line proof_line;
  first_seen dropped_names;  // fields of the upstream that clients do not get
  told_by_upstream told;
  fleet_notices* notices = nullptr;  // of the fleet, set before the lanes are made; null: there is none
};

}  // namespace gateway
