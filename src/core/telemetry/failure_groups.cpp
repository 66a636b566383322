#include "core/telemetry/failure_groups.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace gateway {
namespace {

std::size_t index_of(const std::optional<fault>& why) { return why ? static_cast<std::size_t>(*why) : fault_count; }

}  // namespace

void failure_groups::put(const logged_request& one) {
  auto const at = find(one.of);
  auto& mine = mine_[at];
  if (mine.count == 0) mine = {0, one.of.client, one.of.why, one.of.what, one.of.status, one.at, one.at};
  ++mine.count;
  mine.last = one.at;
  auto shown = one;
  shown.weight = mine.count;
  shown.first = mine.first;
  shown_[at].put(shown);
}

// The place of its group, or a free one.
std::size_t failure_groups::find(const request_record& of) {
  auto const found = std::ranges::find_if(mine_, [&](const group& one) {
    return one.count > 0 && one.status == of.status && one.why == of.why && one.what == of.what && one.client == of.client;
  });
  if (found != mine_.end()) return static_cast<std::size_t>(found - mine_.begin());
  auto const at = place_for_new();
  mine_[at].count = 0;
  return at;
}

// A free place, else the oldest one of the fault with the most groups: a flood from many clients pushes out only its own fault's groups.
std::size_t failure_groups::place_for_new() const {
  std::array<std::size_t, fault_count + 1> crowd{};
  for (auto const& one : mine_) crowd[index_of(one.why)] += one.count > 0 ? 1 : 0;
  auto const victim = std::ranges::min_element(mine_, {}, [&](const group& one) {
    return std::tuple{one.count > 0, places - crowd[index_of(one.why)], one.last};  // defence: failure-groups
  });
  return static_cast<std::size_t>(victim - mine_.begin());
}

std::vector<logged_request> merge_groups(const std::vector<logged_request>& all) {
  using key = std::tuple<std::string_view, std::size_t, resource, int>;
  std::map<key, logged_request> groups;
  for (auto const& one : all) {
    if (!one.first) continue;
    auto const& of = one.of;
    auto const [found, is_new] = groups.try_emplace(key{of.client.view(), index_of(of.why), of.what, of.status}, one);
    if (is_new) continue;
    auto& merged = found->second;
    auto const weight = merged.weight + one.weight;
    auto const first = std::min(*merged.first, *one.first);
    if (one.at > merged.at) merged = one;
    merged.weight = weight;
    merged.first = first;
  }
  std::vector<logged_request> merged;
  for (auto const& one : all) {
    if (!one.first) merged.push_back(one);
  }
  for (auto const& [of, one] : groups) merged.push_back(one);
  return merged;
}

}  // namespace gateway
