#include "io/upstream/fetcher.hpp"

#include <functional>

namespace gateway {

fetcher::fetcher(worker& at, const upstream_settings& settings, std::size_t max_idle, const origin& where, std::shared_ptr<client_tls> tls,
                 upstream_permits& permits, upstream_network& network, std::shared_ptr<const egress_proxy> through)
    : at_(at),
      settings_(settings),
      host_field_(where.host_field()),
      permits_(permits),
      network_(network),
      connector_(at, settings, std::move(tls), std::move(through)),
      pool_(at, max_idle, settings, network.silent),
      warming_(std::make_shared<sleeper>(at.get_executor())) {}

task<fetched> fetcher::fetch(const secret& request, exchange_kind kind, exchange_deadline deadline, answer_room* room, hop_ledger& hops) {
  fetched got;
  std::function<bool()> const may_repeat = [this] { return permits_.may_repeat(); };
  for (int attempt = 1;; ++attempt) {
    got.connection = may_reuse(kind, attempt) ? pool_.take() : nullptr;
    bool const reused = got.connected = got.connection != nullptr;
    if (!reused) {
      auto fresh = co_await open(deadline.at(), deadline.at(), hops);
      got.connected = fresh.connection != nullptr;
      if (!got.connected) {
        got.result.failed = fresh.failed;
        co_return got;
      }
      got.connection = std::move(fresh.connection);
    }
    auto const sent = mono_now();
    auto const* const leave = may_leave(kind, attempt) ? &may_repeat : nullptr;
    got.result = co_await got.connection->exchange(request, settings_, deadline, leave, room, hops);
    bool const left = got.result.unacknowledged;
    if (left || (reused && got.result.failed == fault::upstream_timeout && !got.result.begun)) {
      network_.silent.note(sent);
      pool_.drop_silent();
    }
    bool const too_late = !got.result.failed && ended_while_idle(got.result.answer.status, got.result.keep_alive);
    bool const dead = too_late || got.result.failed == fault::upstream_protocol || got.result.failed == fault::upstream_tls;
    bool const begun = got.result.begun && !too_late;
    // defence: repeats-dead
    if (!left && (!dead || !may_retry(reused, attempt, begun) || !permits_.may_repeat())) co_return got;
    at_.counters.retries[static_cast<std::size_t>(retry_reason::dead_connection)].add();
    ++got.repetitions;
  }
}

void fetcher::keep(std::unique_ptr<upstream_connection> used) {
  // defence: authority-changed
  if (!at_.is_draining() && used->is_trusted_by(connector_.trusted())) pool_.give_back(std::move(used), mono_now());
}

void fetcher::settings_changed(std::size_t max_idle, std::size_t warm, std::shared_ptr<client_tls> tls) {
  pool_.set_max_idle(max_idle);
  warm_ = warm;
  warming_->wake();
  if (!tls) return;
  connector_.trust(std::move(tls));
  pool_.clear();
}

task<connector::opened> fetcher::open(mono_time named_by, mono_time deadline, hop_ledger& hops) {
  hops.enter(hop::resolve, mono_now());
  auto addresses = co_await network_.names.find(at_.get_executor(), named_by);
  auto made = co_await connector_.open(addresses, deadline, hops);
  if (!made.connection && !addresses.empty() && mono_now() < named_by) {  // the name may have moved
    hops.enter(hop::resolve, mono_now());
    auto others = co_await network_.names.find_others(at_.get_executor(), std::move(addresses), named_by);
    if (!others.empty()) made = co_await connector_.open(std::move(others), deadline, hops);
  }
  if (made.connection) network_.names.prefer(made.where);
  co_return made;
}

// Opens connections in advance, so that no request waits for a handshake.
task<void> fetcher::keep_warm(std::size_t wanted) {
  warm_ = wanted;
  unsigned failures = 0;
  while (!at_.is_draining()) {
    if (pool_.idle_count() < warm_) {
      hop_ledger unused{hop::resolve, mono_now()};
      auto const now = mono_now();
      auto made = co_await open(now + warm_lookup, now + settings_.timeout, unused);
      failures = made.connection ? 0 : failures + 1;
      if (made.connection) keep(std::move(made.connection));
    }
    if (at_.is_draining()) break;
    bool const more = failures == 0 && pool_.idle_count() < warm_;
    backoff_policy const backoff{warm_check, settings_.max_retry_after};
    auto const next = warm_ == 0 ? timed::never : mono_now() + backoff.span(failures, 0);
    if (!more) co_await warming_->sleep_until(next);
  }
}

}  // namespace gateway
