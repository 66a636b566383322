#include "core/upstream/feedback.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/upstream/retry_after.hpp"

namespace gateway {

exchange_feedback feedback_of(fault failed, bool connected) {
  // An unusable body is no failure of the upstream's health: an answer came.
  static constexpr std::array failures{fault::upstream_error,     fault::upstream_timeout,  fault::upstream_unreachable,
                                       fault::upstream_tls,       fault::upstream_protocol, fault::upstream_unexpected_status,
                                       fault::egress_unreachable, fault::egress_refused,    fault::egress_auth};
  exchange_feedback feedback;
  feedback.is = std::ranges::find(failures, failed) != failures.end() ? exchange_outcome::failed : exchange_outcome::accepted;
  if (feedback.is == exchange_outcome::failed) feedback.cause = failed;
  if (feedback.is == exchange_outcome::failed && !connected) feedback.is = exchange_outcome::unreachable;
  return feedback;
}

exchange_feedback feedback_of(const upstream_answer& answer, const verdict& meaning, credential_evidence about, wall_time now,
                              std::chrono::seconds longest) {
  auto feedback = meaning.is == verdict_kind::broken ? feedback_of(meaning.why) : exchange_feedback{exchange_outcome::accepted};
  feedback.reported_load = parse_decimal(answer.field("twilio-concurrent-requests"));
  if (meaning.is == verdict_kind::throttled) feedback.is = exchange_outcome::throttled;
  feedback.retry_after = pause_asked_for(answer, meaning, now, longest);
  using credential = exchange_feedback::credential;
  feedback.who = proves(about) ? credential::accepted : about == credential_evidence::refused ? credential::refused : credential::unknown;
  return feedback;
}

std::chrono::seconds pause_asked_for(const upstream_answer& answer, const verdict& meaning, wall_time now, std::chrono::seconds longest) {
  if (meaning.is != verdict_kind::throttled && answer.status != 503) return std::chrono::seconds{0};  // defence: pause-status
  return parse_retry_after(answer.field("retry-after"), now, longest).value_or(std::chrono::seconds{0});
}

fault fault_of(shed_reason why) {
  switch (why) {
    case shed_reason::busy:
    case shed_reason::queue_full:
      return fault::upstream_busy;
    case shed_reason::cooling_down:
      return fault::upstream_cooling_down;
    case shed_reason::failing:
      return fault::upstream_failing;
    case shed_reason::paused:
      return fault::upstream_paused;
  }
  return fault::internal;
}

}  // namespace gateway
