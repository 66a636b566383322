// What an upstream answer means for the caller and for the cache, decided by status and Twilio code together.
// Source: Twilio Voice Insights error codes 17000–17009, common codes 20xxx; contract "What is cached".
// Thread rule: pure function over values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/entry.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/twilio_body.hpp"

namespace gateway {

enum class verdict_kind : std::uint8_t {
  found,        // 200, complete
  partial,      // 200, anything but a true complete: relayed, never stored
  not_ready,    // 17001
  absent,       // 20404
  permanent,    // 17002, 17007
  refused,      // the credential may not: 401, 403
  throttled,    // 429
  rejected,     // another 4xx
  passthrough,  // 200 or 201 about something else than a summary
  broken,       // unusable: `why` says how
};
inline constexpr std::size_t verdict_kind_count = 10;
std::string_view name_of(verdict_kind kind);

struct verdict {
  verdict_kind is = verdict_kind::broken;
  fault why = fault::upstream_protocol;    // broken
  int code = 0;                            // Twilio's
  std::optional<wall_time> end_time;       // found
  std::optional<account_sid> account;      // found, partial: whose call it is
  not_stored why_not = not_stored::never;  // unless storable()

  // How it may be kept, if at all.
  [[nodiscard]] std::optional<answer_kind> storable() const;
};

verdict judge_answer(const upstream_answer& answer, const call_sid& asked, body_reader& reader);

// Does it name another account than what is kept of the same call? A call never changes hands: one of the two is wrong, and nobody can
// tell which, so neither is to be believed.
bool contradicts(const verdict& meaning, const entry_ptr& kept);
verdict contradiction();

// Of a request that is only passed on. `about`: the call that a body which names one must name; absent where bodies name many or none.
verdict judge_passthrough(const upstream_answer& answer, const std::optional<call_sid>& about, body_reader& reader);

// Whether a request that changes something may have done so, after this answer to it.
bool may_have_applied(int status);

}  // namespace gateway
