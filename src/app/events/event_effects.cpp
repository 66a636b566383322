#include "app/events/event_effects.hpp"

#include <algorithm>

namespace gateway {
namespace {

// Twilio ends its attempts after four hours, and no summary is older than 30 days.
constexpr std::chrono::hours longest_age{24 * 31};

}  // namespace

std::chrono::nanoseconds age_of(const call_event& what, wall_time now) { return now - std::clamp(what.time, now - longest_age, now); }

bool event_effects::note(std::string_view identity, const call_event& what, const instant& now) {
  auto const number = short_hash(key_, identity);
  if (!is_new(number)) return false;
  bool const may_be_old = make_old(what, now);
  if (may_be_old && parts_.fleet != nullptr) parts_.fleet->changed(what.call);  // first: else a look would take the fleet's older answer
  look_again(what, now);
  if (parts_.fleet != nullptr) parts_.fleet->event(number, what);
  return true;
}

void event_effects::heard(std::uint64_t number, const call_event& what, const instant& now) {
  if (!is_new(number)) return;
  make_old(what, now);
  look_again(what, now);
}

void event_effects::look_again(const call_event& what, const instant& now) {
  parts_.polled.hear(what, now);
  parts_.held.look_now(what.call);  // after it: the watches ask the schedule
}

bool event_effects::is_new(std::uint64_t number) {
  std::lock_guard const lock{mutex_};
  return seen_.note(number);
}

bool event_effects::make_old(const call_event& what, const instant& now) {
  return what.kind == event_kind::complete && parts_.cache.note_completion(what.call, now.mono - age_of(what, now.wall), now.mono);
}

}  // namespace gateway
