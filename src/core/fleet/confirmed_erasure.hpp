// What a replica tells the one that erases a party: that it has erased what it kept of it. Sealed when it is told.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/keyed_hash.hpp"

namespace gateway {

// A message that many gateways hear.
inline constexpr std::string_view erased_word = "erased ";

struct confirmed_erasure {
  digest who{};
  std::string gateway;  // its name as a replica: letters and digits
  std::uint64_t taken = 0;

  [[nodiscard]] std::string text() const;
  // nullopt: it is none.
  static std::optional<confirmed_erasure> parse(std::string_view text);
  friend bool operator==(const confirmed_erasure&, const confirmed_erasure&) = default;
};

}  // namespace gateway
