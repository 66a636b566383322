// The accounts that this gateway has spoken of with the engine, and their names there. Thread rule: belongs to the fleet's lane,
// but for shown().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/fleet/fleet_keys.hpp"

namespace gateway {

class account_names {
public:
  // `upstream`: what tells it from others of the fleet; "" for the section upstream.
  account_names(const fleet_keys& keys, std::string upstream) : keys_(keys), upstream_(std::move(upstream)) {}

  std::string name_of(std::uint64_t account) {
    auto name = shown(account);
    if (known_.size() >= max_names) known_.clear();
    known_[name] = account;
    return name;
  }
  // The same, on any thread; it is not remembered.
  [[nodiscard]] std::string shown(std::uint64_t account) const { return keys_.name_of("account", upstream_ + std::to_string(account)); }
  [[nodiscard]] std::optional<std::uint64_t> account_of(std::string_view name) const {
    auto const found = known_.find(std::string{name});
    return found == known_.end() ? std::nullopt : std::optional{found->second};
  }

private:
  // More accounts than the limiter knows.
  static constexpr std::size_t max_names = 4096;

  const fleet_keys& keys_;
  const std::string upstream_;
  std::unordered_map<std::string, std::uint64_t> known_;
};

}  // namespace gateway
