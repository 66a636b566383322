// Makes moments, answers and events of a call that is not ready, each in one line.
#pragma once

#include <optional>

#include "cache/entries.hpp"
#include "core/polling/call_event.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

inline upstream_answer not_ready_answer_of(std::string_view retry_after = {}) {
  upstream_answer made;
  made.status = 404;
  made.fields = {{"Content-Type", "application/json"}};
  if (!retry_after.empty()) made.fields.push_back({"Retry-After", retry_after});
  made.body = R"({"code": 17001, "message": "not ready", "status": 404})";
  return made;
}

// An event that Twilio made, and that arrives, at that moment.
inline call_event event_of(event_kind kind, std::chrono::nanoseconds since_start, unsigned call = 1) {
  return {kind, call_number(call), std::nullopt, wall_epoch + since_start};
}

}  // namespace gateway
