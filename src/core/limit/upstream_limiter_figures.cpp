// The part of upstream_limiter that says how each account is, for operators.
#include <algorithm>
#include <tuple>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

upstream_limiter::busiest upstream_limiter::busiest_accounts(std::size_t most, mono_time now) const {
  struct ranked {
    std::tuple<bool, std::size_t, std::uint64_t, mono_time> worth;
    std::uint64_t account;
    const upstream_account* limits;
  };
  std::vector<ranked> all;
  all.reserve(accounts_.size());
  for (auto const& [account, where] : accounts_) {
    auto const& one = where->limits;
    all.push_back({{one.is_broken() || one.is_cooling_down(), one.waiting(), one.in_flight(), one.used_at()}, account, &one});
  }
  auto const end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
  std::ranges::partial_sort(all, end, std::ranges::greater{}, &ranked::worth);
  busiest made;
  made.known = all.size();
  if (host_.is_open()) made.way = host_.figures({}, now);
  for (auto one = all.begin(); one != end; ++one) made.accounts.push_back(figures_of(one->account, *one->limits, now));
  return made;
}

// Of an account without requests so far: as its first one would find it.
account_figures upstream_limiter::figures_of(std::uint64_t account, mono_time now) const {
  auto const known = accounts_.find(account);
  auto made = known == accounts_.end() ? account_figures{account, policy_.max_in_flight} : figures_of(account, known->second->limits, now);
  if (host_.is_open()) made.circuits.push_back(host_.figures({}, now));
  return made;
}

account_figures upstream_limiter::figures_of(std::uint64_t account, const upstream_account& limits, mono_time now) const {
  account_figures made{account, std::min(limits.limit(), policy_.max_in_flight), limits.in_flight(), limits.waiting()};
  limits.add_circuits(account, mono_time::max(), now, made.circuits);
  return made;
}

}  // namespace gateway
