#include "io/runtime/deadlines.hpp"

#include <algorithm>
#include <utility>

namespace gateway {

timed::timed(deadline_list& list) : list_(list) { list.all_.push_back(*this); }

mono_time deadline_list::sweep(mono_time now) {
  // Deadlines that are set meanwhile bring it closer again.
  due_ = timed::never;
  auto next = timed::never;
  for (auto& one : all_) {
    if (one.deadline_ <= now) {
      one.deadline_ = timed::never;
      one.on_deadline();
    }
    next = std::min(next, one.deadline_);
  }
  return due_ = std::min(due_, next);
}

void deadline_list::drain() {
  for (auto& one : all_) one.on_drain();
}

void deadline_list::expire() {
  // An object may set a few last deadlines: to look once more, and to linger.
  static constexpr int most = 4;
  for (auto& one : all_) {
    one.deadline_ = timed::never;
    one.on_deadline();
    for (int i = 1; i < most && one.deadline_ != timed::never; ++i) {
      one.deadline_ = timed::never;
      one.on_deadline();
    }
  }
}

}  // namespace gateway
