#pragma once
// The Events and Metrics of a call: what its edges report while it lasts, always the same for (seed, call).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "calls.hpp"
#include "list_page.hpp"

namespace simulator {

struct call_record {
  sim_time at;
  std::string_view edge;
  std::string_view group, level, name;  // of an event
  std::string_view direction;           // of a metric
};

// The query's filters: `Edge`, and for metrics `Direction`.
struct record_filter {
  std::optional<std::string> edge, direction;

  static std::variant<record_filter, refused_parameter> parse(std::string_view query);
};

std::string call_body(std::string_view call_sid);  // the resource above them, with its links

std::vector<call_record> events_of(std::uint64_t seed, const call_facts& call, const record_filter& wanted);
std::vector<call_record> metrics_of(std::uint64_t seed, const call_facts& call, const record_filter& wanted);  // a sample each ten seconds

// The page of them that the target asks for, as the body of an answer.
using records_body = std::variant<std::string, refused_parameter>;
records_body events_body(std::uint64_t seed, const call_facts& call, std::string_view target);
records_body metrics_body(std::uint64_t seed, const call_facts& call, std::string_view target);

}  // namespace simulator
