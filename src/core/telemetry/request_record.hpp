// What one request came to: filled in along its way, accounted for exactly once when its answer is written.
// Thread rule: belongs to one request. It owns no heap: a hit writes and copies it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/fixed_text.hpp"
#include "core/base/ids.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/lookup.hpp"
#include "core/request/route.hpp"
#include "core/request/trace_context.hpp"
#include "core/telemetry/hop_ledger.hpp"

namespace gateway {

enum class outcome : std::uint8_t { hit, stale, negative_hit, miss, coalesced, bypass, rejected, shed, failed };
inline constexpr std::size_t outcome_count = 9;
std::string_view name_of(outcome o);

// How a fault counts.
outcome outcome_of(fault f);

// A request's method as it is told: a client may send any word.
enum class logged_method : std::uint8_t { none, get, head, post, options, other };  // none: no request could be read
logged_method logged_method_of(std::string_view method);
std::string_view name_of(logged_method method);

struct request_record {
  outcome ended = outcome::rejected;
  logged_method method = logged_method::none;
  resource what = resource::none;
  std::uint16_t listener = 0;  // its place among the configured ones
  int status = 0;
  int upstream_status = 0;                   // of the answer that this one came from; 0: none, or from the cache
  unsigned retries = 0;                      // exchanges with the upstream that were repeated on its behalf
  std::optional<fault> why;                  // it failed, or was refused
  std::optional<lookup> looked_up;           // what the look into the cache came to
  std::optional<not_stored> why_not_stored;  // why the upstream's answer was not kept
  std::string_view detail;                   // of Cache-Status; always one of our own words, which live for ever
  std::uint64_t bytes = 0;                   // of the answer, its head included
  std::optional<call_sid> call;              // never told as it is unless log.call_sids says so
  fixed_text<128> request_id;                // sane: checked or made by us
  trace_place trace;                         // as its client has it; completed when it is told of, or goes upstream
  hop_ledger hops;

  void fail(fault f) {
    why = f;
    ended = outcome_of(f);
  }
};

}  // namespace gateway
