// How many exchanges with the upstream a client's requests may cause in each window (credentials.clients[].quota), and how far it has come.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gateway {

struct quota_rule {
  std::uint64_t calls = 0;  // 0: no quota
  std::chrono::nanoseconds per{};

  [[nodiscard]] bool is_on() const { return calls > 0; }
  bool operator==(const quota_rule&) const = default;
};

// What operators and clients are shown of it.
struct quota_figures {
  // So many clients of the settings are shown in metrics, the first ones with a quota.
  static constexpr std::size_t most = 100;

  std::string client{};
  quota_rule rule{};
  std::uint64_t left = 0;                 // in a fleet: of all gateways, as this one heard last
  std::chrono::nanoseconds resets_in{0};  // until the next window

  [[nodiscard]] std::uint64_t used() const { return rule.calls > left ? rule.calls - left : 0; }
};

}  // namespace gateway
