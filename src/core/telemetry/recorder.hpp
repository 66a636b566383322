// The requests that one worker remembers: the last slow ones, the last failed ones and the last samples, redacted. Each kind has its own
// ring, so that many failures do not displace the slow ones. Thread rule: put() by the worker, collect() by any thread. The functions are
// pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/telemetry/log_sampling.hpp"
#include "core/telemetry/logged_request.hpp"
#include "core/telemetry/record_ring.hpp"

namespace gateway {

class request_recorder {
public:
  static constexpr std::size_t room = 128;  // of each kind; 0.2 MB in all

  void put(noteworthy why, const logged_request& one) { rings_[static_cast<std::size_t>(why)].put(one); }

  void collect(std::vector<logged_request>& into) const {
    for (auto const& one : rings_) one.read([&](const logged_request& each) { into.push_back(each); });
  }

private:
  std::array<record_ring<logged_request, room>, noteworthy_count> rings_;
};

// The requests that took at least `min`, newest first, at most `limit`.
std::vector<logged_request> newest(std::vector<logged_request> all, std::chrono::nanoseconds min, std::size_t limit);

// The body of GET /api/slow.
std::string recorded_json(std::span<const logged_request> requests, std::span<const std::string> listeners);

}  // namespace gateway
