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
    if (one.deadline != timed::never) one.on_deadline();  // it has set its last deadline
  }
}

}  // namespace gateway
