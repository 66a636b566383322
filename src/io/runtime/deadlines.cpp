#include "io/runtime/deadlines.hpp"

namespace gateway {

timed::timed(deadline_list& list) { list.add(*this); }

void deadline_list::sweep(mono_time now) {
  for (auto& one : all_) {
    if (now < one.deadline) continue;
    one.deadline = timed::never;
    one.on_deadline();
  }
}

void deadline_list::drain() {
  for (auto& one : all_) one.on_drain();
}

void deadline_list::expire() {
  for (auto& one : all_) {
    one.deadline = timed::never;
    one.on_deadline();
    if (one.deadline != timed::never) one.on_deadline();  // that was not its last one
  }
}

bool deadline_list::make_room() {
  static constexpr int most = 64;
  for (int asked = 0; asked < most && !all_.empty(); ++asked) {
    auto& one = all_.front();
    all_.splice(all_.end(), all_, all_.iterator_to(one));
    if (one.make_room()) return true;
  }
  return false;
}

}  // namespace gateway
