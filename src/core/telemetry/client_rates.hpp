// How many requests a second each client has sent lately: the difference to its figures 10 to 20 seconds ago.
// Thread rule: belongs to the control lane. Time rule: `now` is an argument.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/telemetry/client_counters.hpp"

namespace gateway {

class client_rates {
public:
  static constexpr std::chrono::seconds step{10};

  explicit client_rates(mono_time begun) : then_{begun, {}}, since_{begun, {}} {}

  [[nodiscard]] bool is_due(mono_time now) const { return now - since_.at >= step; }
  // The rows of all clients, merged.
  void note(const std::vector<client_row>& rows, mono_time now);
  // Requests in ten seconds.
  [[nodiscard]] std::uint64_t in_ten_seconds(const client_row& of, mono_time now) const;

private:
  struct moment {
    mono_time at;
    std::map<std::string, std::uint64_t, std::less<>> requests;  // by client
  };
  moment then_, since_;
};

}  // namespace gateway
