#include "io/runtime/log.hpp"

#include <spdlog/sinks/base_sink.h>

#include <mutex>

#include "io/runtime/log_writer.hpp"

namespace gateway {
namespace {

constexpr auto line_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

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

// Takes the place of spdlog's own queue, whose end waits for the reader of the log.
class queue_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit queue_sink(log_writer& to) : to_(to) {}

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    to_.put({text.data(), text.size()});
  }
  void flush_() override {}

  log_writer& to_;
};

// Never destroyed: its thread may hang in a write until the process ends.
log_writer& writer() {
  static auto* const one = new log_writer;
  return *one;
}

std::shared_ptr<spdlog::logger> bare;  // set before a second thread exists

}  // namespace

void start_log(log_level level) {
  auto const logger = std::make_shared<spdlog::logger>("gateway", std::make_shared<queue_sink>(writer()));
  logger->set_level(spdlog_level(level));
  logger->set_pattern(line_pattern, spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(logger);
  bare = std::make_shared<spdlog::logger>("bare", std::make_shared<queue_sink>(writer()));  // a pattern belongs to its sink
  bare->set_pattern("%v");
  writer().start();
}

void set_log_level(log_level level) { spdlog::set_level(spdlog_level(level)); }

void stop_log(mono_time deadline) { writer().stop(deadline); }

std::uint64_t lost_log_lines() { return writer().lost(); }

void log_line(std::string_view line) {
  if (bare) bare->info("{}", line);
}

}  // namespace gateway
