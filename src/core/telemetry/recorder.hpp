// The requests that one worker remembers, redacted: the last slow ones, the last samples, and failures in groups. Each kind has its own
// room, so that many failures do not displace the slow ones.
// Thread rule: put() by the worker, collect() by any thread. The functions are pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/telemetry/failure_groups.hpp"
#include "core/telemetry/log_sampling.hpp"
#include "core/telemetry/logged_request.hpp"
#include "core/telemetry/record_ring.hpp"

namespace gateway {

class request_recorder {
public:
  static constexpr std::size_t room = 128;  // of slow requests, and of samples; with the failures 0.2 MB in all

  void put(noteworthy why, const logged_request& one) {
    if (why == noteworthy::slow) return slow_.put(one);
    if (why == noteworthy::sampled) return samples_.put(one);
    failures_.put(one);
  }

  void collect(std::vector<logged_request>& into) const {
    auto const take = [&](const logged_request& each) { into.push_back(each); };
    slow_.read(take);
    failures_.read(take);
    samples_.read(take);
  }

private:
  record_ring<logged_request, room> slow_, samples_;
  failure_groups failures_;
};

// Which recorded requests are asked for. Of a group, its newest request is judged.
struct record_filter {
  std::chrono::nanoseconds min{0};  // duration
  std::string client;               // "": any
  std::optional<fault> why;
  std::optional<outcome> ended;

  [[nodiscard]] bool matches(const logged_request& one) const;
};

// What the workers recorded, newest first, at most `limit`.
std::vector<logged_request> newest(std::vector<logged_request> all, const record_filter& wanted, std::size_t limit);

// The body of GET /api/slow.
std::string recorded_json(std::span<const logged_request> requests, std::span<const std::string> listeners);

}  // namespace gateway
