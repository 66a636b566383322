// The form of a line of the log: text, or a JSON object. The time is RFC 3339 in UTC, with milliseconds.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/json_writer.hpp"
#include "core/telemetry/logbook.hpp"

namespace gateway {

enum class log_format : std::uint8_t { text, json };
inline constexpr std::array<std::string_view, 2> log_format_names{"text", "json"};

// The sentence of its kind, with its fields.
std::string message_of(const logbook_entry& one);

// time, level, event, message, and the fields.
void append_members(json_object& to, const logbook_entry& one);

// 2026-11-30T03:00:00.000Z
std::string log_time(wall_time at);

// With its line end: of an entry, and of any other message.
std::string log_line_of(log_format format, const logbook_entry& one);
std::string log_line_of(log_format format, log_level level, wall_time at, std::string_view message);

}  // namespace gateway
