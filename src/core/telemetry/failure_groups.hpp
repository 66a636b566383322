// The failed and refused requests that one worker remembers, in groups: those of the same client with the same fault, resource and status
// share one place, which holds the newest of them, how many there were, and when the first came.
// Thread rule: put() by the worker, read() by any thread. put() neither allocates nor waits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/telemetry/logged_request.hpp"
#include "core/telemetry/seqlocked.hpp"

namespace gateway {

class failure_groups {
public:
  static constexpr std::size_t places = 128;

  void put(const logged_request& one);

  template <class Use>
  void read(Use&& use) const {
    for (auto const& each : shown_) {
      if (auto const one = each.get()) use(*one);
    }
  }

private:
  struct group {
    std::uint32_t count = 0;  // 0: the place is free
    client_name client;
    std::optional<fault> why;
    resource what = resource::none;
    int status = 0;
    wall_time first, last;
  };
  std::size_t find(const request_record& of);
  [[nodiscard]] std::size_t place_for_new() const;

  std::array<group, places> mine_;                       // the worker's own
  std::array<seqlocked<logged_request>, places> shown_;  // the same for readers
};

// Groups of several workers that are alike become one; other requests stay as they are.
std::vector<logged_request> merge_groups(const std::vector<logged_request>& all);

}  // namespace gateway
