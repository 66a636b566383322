// A circuit, for operators. Thread rule: a value.
#pragma once

#include <chrono>
#include <optional>

#include "core/base/fault.hpp"
#include "core/base/json_writer.hpp"
#include "core/limit/circuit_share.hpp"

namespace gateway {

struct circuit_figures {
  circuit_name whose;
  bool half_open = false;            // a probe may pass
  std::chrono::nanoseconds since{};  // how long ago it was opened last
  circuit_word::prober probe = circuit_word::prober::none;
  bool closed = false;                  // again
  std::optional<fault> cause{};         // the last failure here
  std::chrono::nanoseconds probe_in{};  // until a probe may pass
};

// Adds the members of one that is not closed to an object.
void append_members(json_object& to, const circuit_figures& of);

}  // namespace gateway
