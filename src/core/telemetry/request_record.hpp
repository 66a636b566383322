// The record of one request: filled in while the request is handled, and counted exactly once when its answer is written.
// Thread rule: belongs to one request. It owns no heap memory, because every hit writes and copies it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/auth/client.hpp"
#include "core/base/fault.hpp"
#include "core/base/fixed_text.hpp"
#include "core/base/ids.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/lookup.hpp"
#include "core/request/route.hpp"
#include "core/request/trace_context.hpp"
#include "core/telemetry/hop_ledger.hpp"

namespace gateway {

// held: the reader was held because its call was not ready (Prefer: wait=N), whatever came of it.
enum class outcome : std::uint8_t { hit, stale, negative_hit, miss, coalesced, bypass, held, rejected, shed, failed };
inline constexpr std::size_t outcome_count = 10;
std::string_view name_of(outcome o);
std::optional<outcome> outcome_named(std::string_view name);

// The outcome that a fault is counted as.
outcome outcome_of(fault f);

// A request's method for the log; a client may send any word.
enum class logged_method : std::uint8_t { none, get, head, post, options, other };  // none: no request could be read
logged_method logged_method_of(std::string_view method);
std::string_view name_of(logged_method method);

struct request_record {
  outcome ended = outcome::rejected;
  logged_method method = logged_method::none;
  resource what = resource::none;
  bool is_health_check = false;  // of a balancer: it is neither counted nor logged
  std::uint16_t listener = 0;    // its index among the configured listeners
  bool asked_upstream = false;   // an exchange was sent for this request, not for another one
  bool by_fleet = false;         // another gateway of the fleet had stored the answer
  int status = 0;
  int upstream_status = 0;                   // of the upstream's answer; 0: none, or from the cache
  unsigned retries = 0;                      // repeated exchanges with the upstream
  std::optional<fault> why;                  // the fault, if it failed or was refused
  std::optional<lookup> looked_up;           // the decision after the lookup in the cache
  std::optional<not_stored> why_not_stored;  // why the upstream's answer was not stored
  std::string_view detail;                   // of Cache-Status; a constant of the gateway
  std::uint64_t bytes = 0;                   // of the answer, including its head
  std::optional<call_sid> call;              // logged as it is only if log.call_sids allows it
  client_name client;                        // as log.client_addresses says
  fixed_text<128> request_id;                // checked, or made by the gateway
  trace_place trace;                         // from the client; completed when it is logged or sent upstream
  hop_ledger hops;

  void fail(fault f) {
    why = f;
    ended = outcome_of(f);
  }
};

}  // namespace gateway
