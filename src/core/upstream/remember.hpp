// Turns an answer of the upstream into the form in which it is given to readers, now and from the cache.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>

#include "core/cache/admission.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/twilio_body.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

// A deliverable answer: what any reader gets, what only this flight's readers get, and why it may not be kept.
struct remembered {
  entry_ptr made;
  std::string fresh_fields;           // Twilio's per-request fields, for those who waited for this answer
  std::optional<not_stored> why_not;  // nothing: it may be, or has been, stored

  [[nodiscard]] bool is_stored() const { return made && !why_not; }
};

// `compress`: make the gzip form, too, where it pays. `asked_at`: when the question was sent, if it matters how long the answer was under
// way.
remembered remember(const upstream_answer& answer, const verdict& meaning, const instant& now, const freshness_policy& policy,
                    bool compress = true, std::optional<mono_time> asked_at = std::nullopt);

// Whether an entry that was read from a file is the complete summary of the call that it is filed under, and may be kept still. Then it
// says whose it is, and ends when its call's record does, whatever the file says.
bool recognise(entry& made, const call_sid& call, const instant& now, const freshness_policy& policy, body_reader& reader);

}  // namespace gateway
