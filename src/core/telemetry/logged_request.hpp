// A request as it is told afterwards, in the access log, by GET /api/slow and in a dump: redacted, of fixed size, and rendered as one line
// of JSON by one table, which is also the schema (deploy/docs/access-log.md).
// Thread rule: values. Holds no credential and no phone number; a call's identifier only as log.call_sids lets it be shown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"
#include "core/telemetry/request_record.hpp"

namespace gateway {

// How a call is named: not at all; by a keyed hash that is the same within one run of the process; as it is.
enum class logged_calls : std::uint8_t { none, hashed, plain };

struct logged_request {
  request_record of;         // of.call is empty
  wall_time at;              // when its answer was written
  std::uint32_t weight = 1;  // of how many requests it tells
  fixed_text<34> call;       // "" for none
};
static_assert(std::is_trivially_copyable_v<logged_request>, "it goes through queues and rings as bytes");

logged_request redacted(const request_record& record, wall_time at, std::uint32_t weight, logged_calls calls, const short_hash_key& key);

// What stands in a line, in its order. Members whose value is absent are left out.
struct logged_member {
  std::string_view name;
  std::string_view kind;  // JSON's word for it
  std::string_view unit;  // "" for none
  std::string_view prose;
};
std::span<const logged_member> logged_members();

// One JSON object. `listeners`: the configured addresses. `type`: what the line is: "access", or "recorded" in a dump.
void append_logged(std::string& out, const logged_request& one, std::span<const std::string> listeners, std::string_view type = "access");

}  // namespace gateway
