// Turns an answer of the upstream into the entry that clients are served from, now and later from the cache.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/cache/admission.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/twilio_body.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

// A deliverable answer: the entry, the fields for the clients of this flight only, and the reason if it may not be stored.
struct remembered {
  entry_ptr made;
  std::string fresh_fields;           // Twilio's per-request fields, for the clients that waited for this answer
  std::optional<not_stored> why_not;  // nothing: it may be stored

  [[nodiscard]] bool is_stored() const { return made && !why_not; }
};

// `compress`: also makes the gzip form where it is worth it. `asked_at`: when the request was sent, if the time until the answer matters.
// `added`: the setting upstream.answer_fields.
remembered remember(const upstream_answer& answer, const verdict& meaning, const instant& now, const freshness_policy& policy,
                    bool compress = true, std::optional<mono_time> asked_at = std::nullopt, std::span<const std::string> added = {});

// Checks an entry that was read from a snapshot: whether it is the complete summary of its call and may still be stored. If so, it gets the
// account from its body, and ends with the call's record, whatever the file states.
bool recognise(entry& made, const call_sid& call, const instant& now, const freshness_policy& policy, body_reader& reader);

}  // namespace gateway
