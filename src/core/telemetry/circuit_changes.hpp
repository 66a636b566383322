// Which circuits have opened and closed between two looks, as entries of the logbook.
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/limit/circuit_figures.hpp"
#include "core/telemetry/logbook.hpp"

namespace gateway {

class circuit_changes {
public:
  using account_name = std::function<std::string(std::uint64_t account)>;

  // `those`: every circuit that is not closed or has opened since the last look. `complete`: none was left out, so one that is absent
  // has closed.
  std::vector<logbook_note> look(const std::vector<circuit_figures>& those, bool complete, const account_name& named, mono_time now);

private:
  struct opening {
    mono_time at{};
    std::optional<fault> cause;
  };
  std::map<circuit_name, opening> open_;  // as entered
};

}  // namespace gateway
