// Which clients poll in vain: many of a client's requests within a minute brought nothing new, and they are at least half of all that it
// sent. A begin is told as soon as it is so, an end after a whole minute without. Thread rule: belongs to the control lane. Time rule:
// `now` is an argument.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/telemetry/client_counters.hpp"

namespace gateway {

class polling_changes {
public:
  static constexpr std::chrono::minutes window{1};
  static constexpr std::uint64_t many = 30;

  struct change {
    std::string who;
    bool begun = false;  // else it has ended
    std::uint64_t wasted = 0, requests = 0;
    std::chrono::nanoseconds lasted{};
  };

  // The rows of all clients, merged. Clients without a row of their own cannot be told apart.
  std::vector<change> look(std::span<const client_row> rows, mono_time now);
  // Clients that poll in vain now.
  [[nodiscard]] std::size_t count() const { return polling_.size(); }

private:
  struct counted {
    std::uint64_t wasted = 0, requests = 0;
  };
  struct poller {
    mono_time begun;
    bool goes_on = true;  // in this window, too
  };
  [[nodiscard]] counted in_window(const client_row& of) const;
  void end_window(std::span<const client_row> rows, mono_time now, std::vector<change>& changes);

  std::optional<mono_time> since_;                      // the window's begin
  std::map<std::string, counted, std::less<>> then_;    // at that time
  std::map<std::string, poller, std::less<>> polling_;  // by client
};

}  // namespace gateway
