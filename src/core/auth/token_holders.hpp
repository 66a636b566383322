// Which clients hold which token, so that a token of two clients is found without a comparison of each with each.
// Thread rule: a value.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/auth/token.hpp"

namespace gateway {

class token_holders {
public:
  // Clients in ascending order.
  void add(std::size_t client, const std::vector<token_hash>& tokens) {
    for (auto const& token : tokens) {
      auto& all = clients_[token];
      if (all.empty() || all.back() != client) all.push_back(client);
    }
  }
  // The first other client that holds it.
  [[nodiscard]] std::optional<std::size_t> other_than(std::size_t client, const token_hash& token) const {
    for (auto const one : clients_.at(token)) {
      if (one != client) return one;
    }
    return std::nullopt;
  }

private:
  std::map<token_hash, std::vector<std::size_t>> clients_;
};

}  // namespace gateway
