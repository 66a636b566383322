#include "io/upstream/fetcher.hpp"

#include "core/settings/egress.hpp"

namespace gateway {

fetcher::fetcher(worker& at, const upstream_settings& settings, std::size_t max_idle, const origin& where, std::shared_ptr<client_tls> tls,
                 upstream_permits& permits, std::shared_ptr<const egress_proxy> through)
    : at_(at),
      settings_(settings),
      host_field_(where.host_field()),
      permits_(permits),
      resolver_(at, dialled_origin(settings, where), settings.dns_ttl),
      connector_(at, settings, std::move(tls), std::move(through)),
      pool_(at, max_idle, settings),
      warming_(std::make_shared<sleeper>(at.get_executor())) {}

task<fetched> fetcher::fetch(const secret& request, repetition twice, exchange_deadline deadline, hop_ledger& hops) {
  fetched got;
  for (int attempt = 1;; ++attempt) {
    got.connection = may_reuse(twice, attempt) ? pool_.take() : nullptr;
    bool const reused = got.connected = got.connection != nullptr;
    if (!reused) {
      auto fresh = co_await open(deadline.at(), hops);
      got.connected = fresh.connection != nullptr;
      if (!got.connected) {
        got.result.failed = fresh.failed;
        co_return got;
      }
      got.connection = std::move(fresh.connection);
    }
    got.result = co_await got.connection->exchange(request, settings_, deadline, hops);
    bool const dead = got.result.failed == fault::upstream_protocol;
    if (!dead || !may_retry(reused, attempt, got.result.begun) || !permits_.may_repeat()) co_return got;  // defence: repeats-dead
    at_.counters.retries[static_cast<std::size_t>(retry_reason::dead_connection)].add();
    ++got.repetitions;
  }
}

void fetcher::keep(std::unique_ptr<upstream_connection> used) {
  // defence: authority-changed
  if (!at_.is_draining() && used->is_trusted_by(connector_.trusted())) pool_.give_back(std::move(used), mono_now());
}

void fetcher::settings_changed(std::size_t max_idle, std::size_t warm, std::shared_ptr<client_tls> tls) {
  resolver_.set_ttl(settings_.dns_ttl);
  pool_.set_max_idle(max_idle);
  warm_ = warm;
  warming_->wake();
  if (!tls) return;
  connector_.trust(std::move(tls));
  pool_.clear();
}

task<connector::opened> fetcher::open(mono_time deadline, hop_ledger& hops) {
  hops.enter(hop::resolve, mono_now());
  auto addresses = co_await resolver_.addresses(deadline);
  auto made = co_await connector_.open(std::move(addresses), deadline, hops);
  if (made.connection) resolver_.prefer(made.where);
  co_return made;
}

// Opens connections in advance, so that no request waits for a handshake.
task<void> fetcher::keep_warm(std::size_t wanted) {
  warm_ = wanted;
  unsigned failures = 0;
  while (!at_.is_draining()) {
    if (pool_.idle_count() < warm_) {
      hop_ledger unused{hop::resolve, mono_now()};
      auto made = co_await open(mono_now() + settings_.timeout, unused);
      failures = made.connection ? 0 : failures + 1;
      if (made.connection) keep(std::move(made.connection));
    }
    if (at_.is_draining()) break;
    bool const more = failures == 0 && pool_.idle_count() < warm_;
    backoff_policy const backoff{warm_check, settings_.max_retry_after};
    if (!more) co_await warming_->sleep_until(mono_now() + backoff.span(failures, 0));
  }
}

}  // namespace gateway
