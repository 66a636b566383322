// Mode inject: which share of the turns at the upstream a client has (credentials.clients[].weight, class, max_in_flight). The limiter
// compares it with the shares of the other clients of the account (core/limit).
// Thread rule: a value.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gateway {

// bulk: it gets what no interactive client waits for, and the least that upstream.bulk_share says.
enum class client_class : std::uint8_t { interactive, bulk };
inline constexpr std::array<std::string_view, 2> client_class_names{"interactive", "bulk"};
inline constexpr std::size_t client_class_count = client_class_names.size();
constexpr std::string_view name_of(client_class one) { return client_class_names[static_cast<std::size_t>(one)]; }

struct client_share {
  std::uint64_t weight = 1;  // turns, in proportion to the weights of the others that wait
  client_class group = client_class::interactive;
  std::uint64_t max_in_flight = 0;  // exchanges at once in this gateway; 0: as many as its account has

  [[nodiscard]] bool is_bulk() const { return group == client_class::bulk; }
  bool operator==(const client_share&) const = default;
};
inline constexpr std::uint64_t highest_weight = 100;

}  // namespace gateway
