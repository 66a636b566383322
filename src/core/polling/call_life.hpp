// What a gateway knows of a call whose summary is not ready, for one partition: its looks so far, when the call ended, and what events
// said. A *look* is a question to the upstream whether the summary is ready. Thread rule: a value. Time rule: moments are arguments.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/polling/call_event.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

// The upstream's 404/17001, as it is repeated while only a partial exists.
struct not_ready_answer {
  int status = 0;
  std::string content_type;
  std::string body;  // "": none is remembered
};

struct call_life {
  mono_time asked_at = mono_time::min();   // when the last look was sent
  mono_time looked_at{};                   // when its answer arrived
  unsigned looks_without_end = 0;          // made while the call's end was not known
  std::optional<mono_time> ended;          // the call's end, as a partial stated it
  std::optional<mono_time> not_before;     // the Retry-After of the last look
  std::optional<mono_time> heard_at;       // an event that asks for a look
  bool heard_complete = false;             // the first of its kind may ask for a look at once
  bool in_haste = false;                   // the next look keeps no distance from the last one
  bool plain_only = false;                 // the upstream refuses the question for a partial
  mono_time spared_at = mono_time::min();  // when a stored answer last stood in for a look
  not_ready_answer said;

  // What a look brought. `asked`: when it was sent.
  void note_not_ready(const upstream_answer& answer, mono_time asked, const instant& now);
  void note_partial(std::optional<wall_time> end_time, mono_time asked, const instant& now);
  // A look that was sent then has seen what an event told.
  void note_seen(mono_time asked);
  // An event is a reason to look if the last look may have been too early for it. False: it is older than that, and changes nothing.
  bool hear(const call_event& what, const instant& now);

  // Whether an event asks for a look that has not been sent since.
  [[nodiscard]] bool is_called() const { return heard_at && *heard_at > asked_at; }

private:
  void note_look(mono_time asked, const instant& now);
};

}  // namespace gateway
