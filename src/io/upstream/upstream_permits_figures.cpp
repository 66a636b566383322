// The part of upstream_permits that says how the limiter stands.
#include "io/runtime/clock.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

std::uint64_t upstream_permits::in_flight_of_client(std::uint64_t named) const {
  std::lock_guard const lock{mutex_};
  return limiter_.in_flight_of_client(named);
}

std::vector<lever> upstream_permits::levers_set() const {
  std::lock_guard const lock{mutex_};
  return limiter_.levers_set();
}

std::vector<std::uint64_t> upstream_permits::known_accounts() const {
  std::lock_guard const lock{mutex_};
  return limiter_.known_accounts();
}

std::vector<std::uint64_t> upstream_permits::sharing_accounts() const {
  std::lock_guard const lock{mutex_};
  return limiter_.sharing_accounts();
}

std::vector<circuit_figures> upstream_permits::circuits() const {
  std::lock_guard const lock{mutex_};
  return limiter_.circuits(mono_now());
}

upstream_limiter::changes upstream_permits::changes_since(mono_time last, mono_time now) const {
  std::lock_guard const lock{mutex_};
  return limiter_.changes_since(last, now);
}

upstream_limiter::busiest upstream_permits::busiest_accounts(std::size_t most, mono_time now) const {
  std::lock_guard const lock{mutex_};
  return limiter_.busiest_accounts(most, now);
}

upstream_limiter::load upstream_permits::now() const {
  std::lock_guard const lock{mutex_};
  return limiter_.now();
}

upstream_limiter::share upstream_permits::of(std::uint64_t account) const {
  std::lock_guard const lock{mutex_};
  return limiter_.of(account);
}

account_figures upstream_permits::figures_of(std::uint64_t account, mono_time now) const {
  std::lock_guard const lock{mutex_};
  return limiter_.figures_of(account, now);
}

}  // namespace gateway
