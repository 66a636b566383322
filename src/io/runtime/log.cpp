#include "io/runtime/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace gateway {
namespace {

constexpr std::size_t queued_lines = 8192;
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

std::shared_ptr<spdlog::logger> bare;  // set before a second thread exists

}  // namespace

void start_log(log_level level) {
  spdlog::init_thread_pool(queued_lines, 1);
  auto const sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto const logger =
      std::make_shared<spdlog::async_logger>("gateway", sink, spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog_level(level));
  logger->set_pattern(line_pattern, spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);

  auto const bare_sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();  // a pattern belongs to its sink, so this one needs another
  bare = std::make_shared<spdlog::async_logger>("bare", bare_sink, spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  bare->set_pattern("%v");
}

void set_log_level(log_level level) { spdlog::set_level(spdlog_level(level)); }

void stop_log() {
  bare.reset();
  spdlog::shutdown();  // writes the queued lines
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("gateway", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::default_logger()->set_pattern(line_pattern, spdlog::pattern_time_type::utc);
}

void log_line(std::string_view line) {
  if (bare) bare->info("{}", line);
}

}  // namespace gateway
