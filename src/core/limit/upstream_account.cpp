#include "core/limit/upstream_account.hpp"

#include <array>

namespace gateway {

using passage = recovery_gate::passage;

std::string_view name_of(shed_reason why) {
  static constexpr std::array<std::string_view, shed_reason_count> names{"busy", "queue_full", "cooling_down", "failing"};
  return names[static_cast<std::size_t>(why)];
}

bool upstream_account::may_send(mono_time now) const {
  return in_flight_ < limit_.now() && cool_down_.look(now) != passage::none && breaker_.look(now) != passage::none;
}

// A breaker is for failing fast; a cool-down is waited for, if it ends in time.
std::optional<shed_reason> upstream_account::hopeless(mono_time deadline, mono_time now) const {
  if (breaker_.look(now) == passage::none) return shed_reason::failing;
  if (cool_down_.is_troubled() && cool_down_.opens_at() > deadline) return shed_reason::cooling_down;
  return std::nullopt;
}

mono_time upstream_account::opens_at(shed_reason why) const {
  return why == shed_reason::failing ? breaker_.opens_at() : cool_down_.opens_at();
}

mono_time upstream_account::look_again(mono_time now) const {
  bool const waits = cool_down_.is_troubled() && now < cool_down_.opens_at();
  return waits ? cool_down_.opens_at() : mono_time::max();
}

std::optional<std::chrono::nanoseconds> upstream_account::expected_wait(std::uint64_t client) const {
  auto const between = pace.between();
  if (!between) return std::nullopt;
  return *between * static_cast<std::int64_t>(queue.turns_until_last_of(client));
}

void upstream_account::send(turn_request& one, std::uint64_t number, mono_time now) {
  one.is = turn_request::state::granted;
  one.number = number;
  one.in_flight = ++in_flight_;
  one.granted_at = now;
  one.probes_cool_down = cool_down_.look(now) == passage::probe;
  one.probes_breaker = breaker_.look(now) == passage::probe;
  if (one.probes_cool_down) cool_down_.begin_probe();
  if (one.probes_breaker) breaker_.begin_probe();
  used_at_ = now;
}

upstream_account::troubles upstream_account::finish(turn_request& one, const exchange_news& news, std::uint64_t newest, double chance,
                                                    mono_time now) {
  --in_flight_;
  if (one.probes_cool_down) cool_down_.end_probe();
  if (one.probes_breaker) breaker_.end_probe();
  concurrency_limit::news const told{one.number, newest, one.in_flight, news.reported_load};
  troubles begun;
  switch (news.is) {
    case exchange_outcome::unknown:
      break;
    case exchange_outcome::accepted:
      failures_ = 0;
      limit_.accepted(told, now);
      cool_down_.open(one.number);
      breaker_.open(one.number);
      break;
    case exchange_outcome::throttled:  // the upstream is alive, but that is no news of its health
      limit_.refused(told, now);
      begun.cooled_down = cool_down_.shut(one.number, newest, news.retry_after, chance, now);
      break;
    case exchange_outcome::failed:
      ++failures_;
      if (breaker_.is_troubled() || failures_ >= rules_.failures_to_break)
        begun.broken = breaker_.shut(one.number, newest, std::chrono::nanoseconds{0}, chance, now);
      break;
  }
  if (begun.cooled_down || begun.broken) pace.interrupted();
  return begun;
}

}  // namespace gateway
