#include "core/auth/successions.hpp"

#include <algorithm>
#include <utility>

namespace gateway {

const successions::heir* successions::find(const partition& now) const {
  auto const at = std::ranges::find(all_, now, &heir::now);
  return at == all_.end() ? nullptr : &*at;
}

successions::heir* successions::find(const partition& now) { return const_cast<heir*>(std::as_const(*this).find(now)); }

std::vector<partition> successions::take_over(std::span<const succession> all) {
  std::vector<heir> next;
  std::vector<partition> lost;
  for (auto const& one : all) {
    auto const* const known = find(one.before);
    if (one.now == one.before) {
      if (known != nullptr) next.push_back(*known);
      continue;
    }
    heir made{one.now, {one.before}, {}};
    if (known != nullptr) made.before.insert(made.before.end(), known->before.begin(), known->before.end());
    std::erase(made.before, one.now);  // an earlier credential has come back: its answers are in its own partition
    for (; made.before.size() > most_before; made.before.pop_back()) lost.push_back(made.before.back());
    next.push_back(std::move(made));
  }
  all_ = std::move(next);
  return lost;
}

std::vector<partition> successions::before(const partition& now) const {
  auto const* const one = find(now);
  return one == nullptr ? std::vector<partition>{} : one->before;
}

std::optional<mono_time> successions::shown(const partition& now, const account_sid& whose) const {
  auto const* const one = find(now);
  if (one == nullptr) return std::nullopt;
  auto const at = std::ranges::find(one->shown, whose, &heir::sight::whose);
  return at == one->shown.end() ? std::nullopt : std::optional{at->asked_at};
}

void successions::show(const partition& now, const account_sid& whose, mono_time asked_at) {
  auto* const one = find(now);
  if (one == nullptr) return;
  auto const at = std::ranges::find(one->shown, whose, &heir::sight::whose);
  if (at != one->shown.end()) {
    at->asked_at = std::max(at->asked_at, asked_at);
    return;
  }
  if (one->shown.size() == most_shown) one->shown.erase(one->shown.begin());
  one->shown.push_back({whose, asked_at});
}

void successions::hide(const partition& now, const account_sid& whose) {
  if (auto* const one = find(now)) std::erase_if(one->shown, [&](const heir::sight& seen) { return seen.whose == whose; });
}

void successions::hide_all(const partition& now) {
  if (auto* const one = find(now)) one->shown.clear();
}

void successions::end(const partition& now) {
  std::erase_if(all_, [&](const heir& one) { return one.now == now; });
}

}  // namespace gateway
