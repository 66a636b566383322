#pragma once
// The command line of twilio-simulator.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "certificate.hpp"
#include "clock.hpp"
#include "latency.hpp"

namespace simulator {

struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};

struct options {
  listen_address listen{"127.0.0.1", 8443};
  listen_address control{"127.0.0.1", 8444};
  std::uint64_t seed = 1;
  double clock_speed = 1;
  std::optional<sim_time> now;
  std::size_t concurrency_limit = 0;
  latency_model latency;
  std::size_t body_bytes = 0;
  std::string certificate, key, write_ca, script;
  leaf_kind leaf = leaf_kind::good;
  std::chrono::seconds idle_timeout{60};
  unsigned threads = 1;
  bool quiet = false;
};

struct usage_problem {
  std::string text;
};
enum class only_say { help, version };

std::variant<options, only_say, usage_problem> parse_options(std::span<const char* const> arguments);
const char* help_text();

}  // namespace simulator
