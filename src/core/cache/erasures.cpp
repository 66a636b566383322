#include "core/cache/erasures.hpp"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

// Each erasure costs an exchange with the upstream, so there are few. With more than this the load or the write is given up.
constexpr std::size_t most_noted = 64 * 1024;

}  // namespace

void snapshot_marks::add(const cache_key& key) { marks_.insert(marks_.end(), {mark_of(key.owner), key.call_bits(), mark_of(key)}); }

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

void erasures::end_load(load_end how, snapshot_marks held) {
  loading_ = false;
  held_ = std::move(held);
  bool const holds_erased = how == load_end::partial ? all_ || !noted_.empty() : !allows(held_);
  if (how == load_end::unusable || holds_erased) lose_snapshot();
  forget_notes();
}

bool erasures::covers(const cache_key& key) const {
  if (all_ || noted_.empty()) return all_;
  return has_noted(mark_of(key.owner)) || has_noted(key.call_bits()) || has_noted(mark_of(key));
}

void erasures::begin_write() {
  writing_ = true;
  outdated_meanwhile_ = false;
  forget_notes();
}

bool erasures::allows(const snapshot_marks& written) const {
  return !all_ && searches_ == 0 && std::ranges::none_of(noted_, [&](std::uint64_t mark) { return written.holds(mark); });
}

bool erasures::placed(snapshot_marks written) {
  held_ = std::move(written);
  present_ = allows(held_);  // defence: erased-while-placed
  must_go_ = !present_;
  outdated_ = outdated_meanwhile_;
  return present_;
}

void erasures::end_write() {
  writing_ = false;
  forget_notes();
}

void erasures::note(std::uint64_t mark) {
  if (loading_ || writing_) {
    if (noted_.size() < most_noted) {
      noted_.insert(mark);
    } else {
      all_ = true;
    }
  }
  // The marks of a snapshot that is being loaded are not known yet.
  if (present_ && !loading_ && held_.holds(mark)) lose_snapshot();  // defence: refused-while-loading
}

void erasures::note_all() {
  all_ = loading_ || writing_;
  lose_snapshot();
}

void erasures::begin_search() {
  ++searches_;
  all_ = all_ || writing_;
  lose_snapshot();
}

// What is being written may hold an entry that was evicted before the search could find it.
void erasures::end_search() {
  --searches_;
  all_ = all_ || writing_;  // defence: searched-while-written
}

void erasures::lose_snapshot() {
  present_ = false;
  must_go_ = true;
}

bool erasures::outdate(std::uint64_t mark) {
  bool const may_be_there = loading_ || writing_ || (present_ && held_.holds(mark));
  if (!may_be_there) return false;
  outdated_meanwhile_ = true;
  return !std::exchange(outdated_, true);
}

}  // namespace gateway
