// The protocol between a service manager (systemd, or a compatible one) and its service: sd_notify(3), sd_watchdog_enabled(3) and
// sd_listen_fds(3), without the I/O.
// Thread rule: pure functions. Time rule: `now` is an argument.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

// The number of descriptors, from 3 on, that are listening sockets for the process `own`; from $LISTEN_PID and $LISTEN_FDS. 0 if they are
// for another process.
std::size_t inherited_count(std::string_view pid, std::string_view count, std::uint64_t own);

// The interval in which the manager expects a keep-alive; from $WATCHDOG_USEC and $WATCHDOG_PID. 0: there is no watchdog.
std::chrono::microseconds watchdog_interval(std::string_view usec, std::string_view pid, std::uint64_t own);

// The first lane that has not moved for longer than `limit`: while there is one, the process is not healthy.
std::optional<std::size_t> stuck_lane(std::span<const mono_time> last_moved, mono_time now, std::chrono::nanoseconds limit);

// Messages; `status` is for people. A control character in it becomes a space.
std::string ready_message(std::string_view status);
std::string reloading_message(mono_time now);
std::string stopping_message(std::string_view status);
std::string status_message(std::string_view status);
inline constexpr std::string_view alive_message = "WATCHDOG=1";

}  // namespace gateway
