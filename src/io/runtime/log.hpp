// The log, and the logbook of this process: lines on standard error, written by a thread of its own (log_writer), so that no caller waits
// for the reader of the log. Thread rule: any thread. Secrets have no formatter, so they cannot be logged.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/telemetry/log_line.hpp"

namespace gateway {

class audit_writer;

void start_log(log_level level, log_format format);
// Writes the queued lines, as far as the deadline allows. Later lines are written directly.
void stop_log(mono_time deadline);
// Lines that are missing.
std::uint64_t lost_log_lines();
void set_log(log_level level, log_format format);

// Writes a line as it is.
void log_line(std::string_view line);

// Enters into the logbook what happened to the gateway, and writes its line.
void log_entry(logbook_kind kind, logbook_fields fields = {});
// The logbook's entries after number `since`, as JSON.
std::string logbook_json(std::uint64_t since);
logbook_counts logbook_entries();
// The lines of the audit trail after number `since`, as JSON. Each entry that is a change is one.
std::string audit_json(std::uint64_t since);
// Whose file gets the trail from now on; null: none does.
void write_audit_with(audit_writer* to);

template <class... Args>
void log_debug(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::debug(format, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::info(format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warning(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::warn(format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::error(format, std::forward<Args>(args)...);
}

}  // namespace gateway
