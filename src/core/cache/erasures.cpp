#include "core/cache/erasures.hpp"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

// Each has cost somebody an exchange with the upstream, so there are never many; with more the load or the write is given up.
constexpr std::size_t most_noted = 64 * 1024;

}  // namespace

std::uint64_t mark_of(const call_sid& call, const short_hash_key& key) { return short_hash(key, call.view()); }

// The hash of a key is that of its call with its owner's bits in it (core/cache/key).
void snapshot_marks::add(const cache_key& key) {
  auto const owner = mark_of(key.owner);
  marks_.insert(marks_.end(), {owner, key.hash ^ owner, mark_of(key)});
}

void snapshot_marks::finish() {
  std::ranges::sort(marks_);
  marks_.erase(std::unique(marks_.begin(), marks_.end()), marks_.end());
  marks_.shrink_to_fit();
}

bool snapshot_marks::holds(std::uint64_t mark) const { return std::ranges::binary_search(marks_, mark); }

void erasures::forget_notes() {
  all_ = false;
  noted_.clear();
}

void erasures::begin_load() { loading_ = present_ = true; }

void erasures::end_load(bool sound, snapshot_marks held) {
  loading_ = false;
  present_ = present_ && sound;
  held_ = std::move(held);
  forget_notes();
}

bool erasures::covers(const cache_key& key) const {
  if (all_ || noted_.empty()) return all_;
  auto const owner = mark_of(key.owner);
  return has_noted(owner) || has_noted(key.hash ^ owner) || has_noted(mark_of(key));
}

void erasures::begin_write() {
  writing_ = true;
  forget_notes();
}

bool erasures::allows(const snapshot_marks& written) const {
  return !all_ && std::ranges::none_of(noted_, [&](std::uint64_t mark) { return written.holds(mark); });
}

void erasures::end_write() {
  writing_ = false;
  forget_notes();
}

void erasures::placed(snapshot_marks written) {
  held_ = std::move(written);
  present_ = true;
}

bool erasures::note(std::uint64_t mark) {
  if (loading_ || writing_) {
    if (noted_.size() < most_noted) {
      noted_.insert(mark);
    } else {
      all_ = true;
    }
  }
  // What is being loaded has not been looked through yet: it may hold anything.
  bool const goes = present_ && (loading_ || held_.holds(mark));
  if (goes) present_ = false;
  return goes;
}

bool erasures::note_all() {
  all_ = loading_ || writing_;
  return std::exchange(present_, false);
}

}  // namespace gateway
