#include "core/fleet/mark_table.hpp"

#include <algorithm>

namespace gateway {

bool mark_table::merge(const written_mark& one, const fleet_mark& what) {
  auto const text = what.text();
  auto const [at, is_new] = marks_.try_emplace(text, known{one, what});
  auto& mine = at->second;
  bool const is_same = !is_new && mine.written.sealed == one.sealed;
  if (what.kind == mark_kind::erased) erased_ = std::max(erased_, one.version);
  if (!is_new) {
    // Two marks of one version come from two histories of the engine: any order that all replicas share will do.
    if (std::pair{one.version, std::string_view{one.sealed}} <= std::pair{mine.written.version, std::string_view{mine.written.sealed}})
      return false;
    by_version_.erase({mine.written.version, text});
    mine.written = one;
  }
  by_version_.emplace(std::pair{one.version, text}, &mine);
  if (marks_.size() > most_) drop_lowest();
  return !is_same;
}

void mark_table::drop_lowest() {
  auto const lowest = by_version_.begin();
  auto const [version, text] = lowest->first;
  raise({lifts_floor(lowest->second->what) ? version : 0, version});  // defence: dropped-mark-floor
  by_version_.erase(lowest);
  marks_.erase(text);
}

void mark_table::raise(const mark_floors& to) {
  floors_.believed = std::max(floors_.believed, to.believed);
  floors_.complete = std::max(floors_.complete, to.complete);
}

void mark_table::end(const fleet_mark& one) {
  auto const at = begun_.find(one.text());
  if (at == begun_.end()) return;
  if (one.kind == mark_kind::erased) --begun_erased_;
  if (--at->second == 0) begun_.erase(at);
}

std::uint64_t mark_table::newest(const call_sid& call, const partition& owner, const std::optional<account_sid>& account) const {
  if (begun_erased_ > 0) return not_yet_written;
  auto version = std::max(floors_.believed, erased_);  // defence: erased-party-disbelieved
  for (auto const& text : marks_about(call, owner, account)) {
    if (begun_.contains(text)) return not_yet_written;  // defence: own-mark-counts
    if (auto const at = marks_.find(text); at != marks_.end()) version = std::max(version, at->second.written.version);
  }
  return version;
}

std::vector<mark_table::known> mark_table::above(std::uint64_t version, std::size_t most) const {
  std::vector<known> some;
  auto at = by_version_.lower_bound({version + 1, {}});
  for (; at != by_version_.end() && some.size() < most; ++at) some.push_back(*at->second);
  return some;
}

}  // namespace gateway
