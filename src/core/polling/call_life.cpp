#include "core/polling/call_life.hpp"

#include <algorithm>
#include <utility>

#include "core/upstream/content_coding.hpp"
#include "core/upstream/retry_after.hpp"

namespace gateway {
namespace {

using std::chrono::duration_cast;

// A longer answer is not remembered: the upstream is then asked for the complete summary alone.
constexpr std::size_t most_remembered = 1024;
// The clocks of the upstream and of this machine may differ so much.
constexpr std::chrono::minutes clock_skew{5};
// A call that ended before that has a summary, or never gets one: its exact end no longer matters.
constexpr std::chrono::hours earliest_end{48};
// No answer puts off the next look for longer.
constexpr std::chrono::hours longest_retry_after{1};

}  // namespace

void call_life::note_look(mono_time asked, const instant& now) {
  if (heard_at && asked >= *heard_at) in_haste = false;
  asked_at = std::max(asked_at, asked);
  looked_at = std::max(looked_at, now.mono);
  not_before.reset();
}

void call_life::note_not_ready(const upstream_answer& answer, mono_time asked, const instant& now) {
  bool const is_new = asked > asked_at;  // else it is known already, through another replica of the fleet
  note_look(asked, now);
  if (is_new && !ended) ++looks_without_end;
  if (auto const wait = parse_retry_after(answer.field("retry-after"), now.wall, longest_retry_after)) not_before = now.mono + *wait;
  if (is_coded(answer) || answer.body.size() > most_remembered) return;
  said.status = answer.status;
  said.content_type = answer.field("content-type");
  said.body = answer.body;
}

void call_life::note_partial(std::optional<wall_time> end_time, mono_time asked, const instant& now) {
  bool const is_new = asked > asked_at;
  note_look(asked, now);
  if (end_time) {
    // Clamped first, because the difference to a hostile date could overflow.
    auto const end = std::clamp(*end_time, now.wall - earliest_end, now.wall);  // defence: end-time-clamped
    ended = now.mono - duration_cast<mono_time::duration>(now.wall - end);
  } else if (is_new && !ended) {
    ++looks_without_end;
    plain_only = true;  // partials of this call do not tell its end, so asking for them gains nothing
  }
}

void call_life::note_seen(mono_time asked) {
  if (!heard_at || asked < *heard_at) return;
  heard_at.reset();
  in_haste = false;
}

bool call_life::hear(const call_event& what, const instant& now) {
  // A replay tells nothing that the last look did not see.
  if (what.time < now.wall - (now.mono - asked_at) - clock_skew) return false;  // defence: old-event-no-look
  bool const is_complete = what.kind == event_kind::complete;
  // A partial tells when the call ended. Once that is known, another one changes nothing for the next look.
  if (!is_complete && ended) return true;
  heard_at = now.mono;
  if (is_complete && !std::exchange(heard_complete, true)) in_haste = true;  // defence: one-hasty-look
  return true;
}

}  // namespace gateway
