#include "io/runtime/log.hpp"

#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/telemetry/audit_trail.hpp"
#include "io/runtime/audit_writer.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log_writer.hpp"

namespace gateway {
namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

log_level level_of(spdlog::level::level_enum level) {
  return static_cast<log_level>(std::clamp<int>(level, spdlog::level::debug, spdlog::level::err) - spdlog::level::debug);
}

std::atomic<log_format> form{log_format::text};

// Takes the place of spdlog's own queue, whose end waits for the reader of the log.
class queue_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit queue_sink(log_writer& to) : to_(to) {}

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string_view const text{message.payload.data(), message.payload.size()};
    to_.put(log_line_of(form, level_of(message.level), wall_time{message.time.time_since_epoch()}, text));
  }
  void flush_() override {}

  log_writer& to_;
};

// Never destroyed: its thread may hang in a write until the process ends.
log_writer& writer() {
  static auto* const one = new log_writer;
  return *one;
}

// Never destroyed either: a thread that is left behind may still enter something.
struct locked_logbook {
  std::mutex mutex;
  logbook entries;
  audit_trail trail;
  audit_writer* file = nullptr;
};
locked_logbook& book() {
  static auto* const one = new locked_logbook;
  return *one;
}

}  // namespace

void start_log(log_level level, log_format format) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("gateway", std::make_shared<queue_sink>(writer())));
  set_log(level, format);
  writer().start();
}

void set_log(log_level level, log_format format) {
  form = format;
  spdlog::set_level(spdlog_level(level));
}

void stop_log(mono_time deadline) { writer().stop(deadline); }

std::uint64_t lost_log_lines() { return writer().lost(); }

void log_line(std::string_view line) { writer().put(std::string{line} + "\n"); }

void log_entry(logbook_kind kind, logbook_fields fields) {
  auto const moment = now();
  std::unique_lock lock{book().mutex};
  auto const entry = book().entries.add({kind, std::move(fields)}, moment);
  auto const line = entry ? book().trail.add(*entry) : std::string_view{};
  if (!line.empty() && book().file != nullptr) book().file->put(line);
  lock.unlock();
  if (entry && spdlog::should_log(spdlog_level(row_of(kind).level))) writer().put(log_line_of(form, *entry));
}

std::string logbook_json(std::uint64_t since) {
  std::lock_guard const lock{book().mutex};
  return book().entries.json(since);
}

std::string audit_json(std::uint64_t since) {
  std::lock_guard const lock{book().mutex};
  return book().trail.json(since);
}

void write_audit_with(audit_writer* to) {
  std::lock_guard const lock{book().mutex};
  book().file = to;
}

logbook_counts logbook_entries() {
  std::lock_guard const lock{book().mutex};
  return book().entries.counts();
}

}  // namespace gateway
