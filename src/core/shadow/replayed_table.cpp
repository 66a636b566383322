#include "core/shadow/replayed_table.hpp"

#include <algorithm>

namespace gateway {

void replayed_table::use(const replayed_entry& one, std::uint64_t number, mono_time now) {
  one.used = number;
  one.used_at = now;
  entries_.relocate(entries_.end(), entries_.iterator_to(one));
}

bool replayed_table::insert(replayed_entry one, mono_time now) {
  if (one.answer.cost > capacity_) return false;
  auto const* const before = find(one.call, now, [&](const replayed_entry& other) { return other.place == one.place; });
  if (before != nullptr) erase(*before);
  if (bytes_ + one.answer.cost > capacity_ && now >= next_end_) sweep(now);
  while (bytes_ + one.answer.cost > capacity_) {
    evicts_after_ = std::min(evicts_after_, now - entries_.front().used_at);
    remove(entries_.begin());
  }
  bytes_ += one.answer.cost;
  next_end_ = std::min(next_end_, one.answer.gone_at);
  entries_.push_back(one);
  return true;
}

void replayed_table::set_capacity(std::uint64_t capacity) {
  capacity_ = capacity;
  while (bytes_ > capacity_) remove(entries_.begin());
}

void replayed_table::erase(std::uint64_t call) {
  auto [at, end] = entries_.get<1>().equal_range(call);
  while (at != end) remove(at++);
}

void replayed_table::erase(const replayed_entry& one) { remove(entries_.iterator_to(one)); }

void replayed_table::erase_owner(std::uint64_t place) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto const one = at++;
    if (one->place == place) remove(one);
  }
}

void replayed_table::clear() {
  entries_.clear();
  bytes_ = 0;
  next_end_ = mono_time::max();
}

void replayed_table::sweep(mono_time now) {
  next_end_ = mono_time::max();
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto const one = at++;
    if (now >= one->answer.gone_at) {
      remove(one);
    } else {
      next_end_ = std::min(next_end_, one->answer.gone_at);
    }
  }
}

}  // namespace gateway
