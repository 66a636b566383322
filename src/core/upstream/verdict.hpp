// What an upstream answer means for the client and for the cache, decided by status and Twilio code together.
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
  partial,      // 200, but not surely complete: delivered, never stored
  not_ready,    // 17001
  absent,       // 20404
  permanent,    // 17002, 17007
  refused,      // the credential is refused: 401, 403
  throttled,    // 429
  rejected,     // another 4xx
  passthrough,  // 200, 201 or 202 of a passthrough request
  broken,       // unusable; the reason is `why`
};
inline constexpr std::size_t verdict_kind_count = 10;
std::string_view name_of(verdict_kind kind);

struct verdict {
  verdict_kind is = verdict_kind::broken;
  fault why = fault::upstream_protocol;    // broken
  int code = 0;                            // Twilio's
  std::optional<wall_time> end_time;       // found
  std::optional<account_sid> account;      // found, partial: the account of the call
  not_stored why_not = not_stored::never;  // unless storable()

  // The kind of entry to store; nothing if it must not be stored.
  [[nodiscard]] std::optional<answer_kind> storable() const;
};

verdict judge_answer(const upstream_answer& answer, const call_sid& asked, body_reader& reader);

// Whether it names another account than the stored answer about the same call. A call never changes its account, so one of the two is wrong
// and neither can be trusted.
bool contradicts(const verdict& meaning, const entry_ptr& stored);
verdict contradiction();

// The verdict on a passthrough answer. `about`: the call that the body must name; nothing where bodies name several calls or none.
verdict judge_passthrough(const upstream_answer& answer, const std::optional<call_sid>& about, body_reader& reader);

// Whether a write may have been applied, after an answer with this status and meaning.
bool may_have_applied(int status, const verdict& meaning);

}  // namespace gateway
