// A request as the access log, GET /api/slow and a dump show it: redacted and of fixed size. One table renders it as a line of JSON,
// and is also the schema of these lines (deploy/docs/access-log.md).
// Thread rule: values. It contains no credential and no phone number; a call's identifier only as log.call_sids allows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"
#include "core/telemetry/request_record.hpp"

namespace gateway {

// How a call is named: not at all; by a keyed hash that is the same within one run of the process; or in plain text.
enum class logged_calls : std::uint8_t { none, hashed, plain };

struct logged_request {
  request_record of;                 // of.call is empty
  wall_time at;                      // when its answer was written
  std::uint32_t weight = 1;          // how many requests it represents
  fixed_text<34> call;               // "" for none
  std::optional<wall_time> first{};  // set: it is the newest of a group, whose first one was written then
};
static_assert(std::is_trivially_copyable_v<logged_request>, "it goes through queues and rings as bytes");

logged_request redacted(const request_record& record, wall_time at, std::uint32_t weight, logged_calls calls, const short_hash_key& key);

// The members of a line, in order. Members without a value are left out.
struct logged_member {
  std::string_view name;
  std::string_view kind;  // the JSON type
  std::string_view unit;  // "" for none
  std::string_view prose;
};
std::span<const logged_member> logged_members();

// Appends one JSON object. `listeners`: the configured addresses. `type`: the kind of line, "access", or "recorded" in a dump.
void append_logged(std::string& out, const logged_request& one, std::span<const std::string> listeners, std::string_view type = "access");

}  // namespace gateway
