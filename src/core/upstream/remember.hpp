// Turns an answer of the upstream into the form in which it is given to readers, now and from the cache.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>

#include "core/cache/entry.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

// A deliverable answer: what any reader gets, what only this flight's readers get, and whether it may be kept.
struct remembered {
  entry_ptr made;
  std::string fresh_fields;  // Twilio's per-request fields, for those who waited for this answer
  bool keep = false;
};

remembered remember(const upstream_answer& answer, const verdict& meaning, const instant& now, const freshness_policy& policy);

}  // namespace gateway
