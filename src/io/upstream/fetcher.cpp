#include "io/upstream/fetcher.hpp"

namespace gateway {

fetcher::fetcher(worker& at, const upstream_settings& settings, std::size_t max_idle, const origin& where, client_tls& tls,
                 upstream_turns& turns)
    : at_(at),
      settings_(settings),
      host_field_(where.host_field()),
      tls_(tls),
      turns_(turns),
      resolver_(at, where, settings.dns_ttl),
      pool_(at, max_idle, settings.idle_timeout) {}

task<fetched> fetcher::fetch(const secret& request, repetition twice, mono_time deadline, hop_ledger& hops) {
  fetched got;
  for (int attempt = 1;; ++attempt) {
    got.connection = may_reuse(twice, attempt) ? pool_.take() : nullptr;
    bool const reused = got.connection != nullptr;
    if (!reused) {
      auto fresh = co_await open(deadline, hops);
      if (!fresh.connection) {
        got.result.failed = fresh.failed;
        co_return got;
      }
      got.connection = std::move(fresh.connection);
    }
    got.result = co_await got.connection->exchange(request, settings_, deadline, hops);
    bool const dead = got.result.failed == fault::upstream_protocol;
    if (!dead || !may_retry(reused, attempt, got.result.begun) || !turns_.may_repeat()) co_return got;
    at_.counters.retries[static_cast<std::size_t>(retry_reason::dead_connection)].add();
  }
}

void fetcher::keep(std::unique_ptr<upstream_connection> used) {
  if (!at_.draining) pool_.give_back(std::move(used), mono_now());
}

// Tries each address once, until one works or time is up.
task<fetcher::opened> fetcher::open(mono_time deadline, hop_ledger& hops) {
  opened made;
  hops.enter(hop::resolve, mono_now());
  auto const addresses = co_await resolver_.addresses(deadline);
  for (auto const& address : addresses) {
    if (mono_now() >= deadline) break;
    auto connection = std::make_unique<upstream_connection>(at_, tls_);
    auto const failed = co_await connection->open(address, settings_, deadline, hops);
    if (!failed) {
      made.connection = std::move(connection);
      co_return made;
    }
    made.failed = *failed;
  }
  if (mono_now() >= deadline) made.failed = fault::upstream_timeout;
  co_return made;
}

}  // namespace gateway
