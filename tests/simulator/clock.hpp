#pragma once
// The simulated time of day: runs from a start at a speed of its own and can be pushed forward, so that half an hour of a
// summary's life fits into a test. Time rule: the real clock is an argument, never read here.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

using sim_time = std::chrono::sys_time<std::chrono::milliseconds>;
using real_time = std::chrono::steady_clock::time_point;

inline std::chrono::milliseconds ms_of(double seconds) { return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)}; }

class simulated_clock {
public:
  simulated_clock(sim_time start, real_time anchor, double speed) : base_(start), anchor_(anchor), speed_(speed) {}

  sim_time now(real_time at) const;
  std::optional<real_time> real_time_of(sim_time due, real_time at) const;  // nothing: it never comes at the present speed
  void set_speed(real_time at, double speed);
  void advance(real_time at, std::chrono::milliseconds by);

private:
  sim_time base_;     // the simulated time at anchor_
  real_time anchor_;  // moved with every change, so that past time keeps the speed it had
  double speed_;      // simulated seconds per real second
};

std::string to_rfc3339(sim_time at);     // 2026-01-31T12:00:00Z
std::string to_rfc3339_ms(sim_time at);  // 2026-01-31T12:00:00.250Z
std::string to_http_date(sim_time at);   // Sat, 31 Jan 2026 12:00:00 GMT
std::optional<sim_time> parse_rfc3339(std::string_view text);

}  // namespace simulator
