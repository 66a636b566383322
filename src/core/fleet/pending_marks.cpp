#include "core/fleet/pending_marks.hpp"

#include <algorithm>

namespace gateway {

fleet_mark pending_marks::sum_with(const fleet_mark& last) const {
  bool const erases = last.erases() || std::ranges::any_of(all_, [](const one& each) { return each.what.erases(); });
  return fleet_mark::of_purge({}, erases ? purge_depth::hard : purge_depth::soft);
}

std::uint64_t pending_marks::add(const fleet_mark& what, std::string name, std::string sealed) {
  auto since = ++last_;
  if (is_full()) {
    since = all_.front().since;
    all_.clear();
  }
  all_.push_back({last_, since, what, std::move(name), std::move(sealed)});
  return last_;
}

bool pending_marks::holds(std::string_view sealed) const {
  return std::ranges::any_of(all_, [&](const one& each) { return each.sealed == sealed; });
}

void pending_marks::confirm(std::uint64_t number) {
  while (!all_.empty() && all_.front().number <= number) all_.pop_front();
}

}  // namespace gateway
