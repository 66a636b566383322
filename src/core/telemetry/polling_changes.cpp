#include "core/telemetry/polling_changes.hpp"

#include <utility>

namespace gateway {

polling_changes::counted polling_changes::in_window(const client_row& of) const {
  auto const found = then_.find(of.who.view());
  auto const before = found == then_.end() ? counted{} : found->second;
  auto const& is = of.figures;
  if (is.requests < before.requests || is.wasted_polls < before.wasted)
    return {is.wasted_polls, is.requests};  // it has lost its row meanwhile
  return {is.wasted_polls - before.wasted, is.requests - before.requests};
}

std::vector<polling_changes::change> polling_changes::look(std::span<const client_row> rows, mono_time now) {
  std::vector<change> changes;
  if (!since_) {
    end_window(rows, now, changes);
    return changes;
  }
  for (auto const& one : rows) {
    if (one.who.empty()) continue;
    auto const [wasted, requests] = in_window(one);
    if (wasted < many || wasted * 2 < requests) continue;
    auto const [known, is_new] = polling_.try_emplace(std::string{one.who.view()}, poller{*since_});
    known->second.goes_on = true;
    if (is_new) changes.push_back({known->first, true, wasted, requests, now - *since_});
  }
  if (now - *since_ >= window) end_window(rows, now, changes);
  return changes;
}

void polling_changes::end_window(std::span<const client_row> rows, mono_time now, std::vector<change>& changes) {
  for (auto at = polling_.begin(); at != polling_.end();) {
    if (std::exchange(at->second.goes_on, false)) {
      ++at;
      continue;
    }
    changes.push_back({at->first, false, 0, 0, now - at->second.begun});
    at = polling_.erase(at);
  }
  since_ = now;
  then_.clear();
  for (auto const& one : rows) then_.emplace(one.who.view(), counted{one.figures.wasted_polls, one.figures.requests});
}

}  // namespace gateway
