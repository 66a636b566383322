#include "core/limit/client_buckets.hpp"

#include <algorithm>

namespace gateway {

std::optional<token_decision> client_buckets::take_if_known(std::uint64_t who, const token_rate& rate, mono_time now) {
  auto& set = sets_[who % sets_.size()];
  auto const found = std::ranges::find(set, who, &slot::who);
  return found == set.end() ? std::nullopt : std::optional{found->bucket.take(rate, now)};
}

token_decision client_buckets::take(std::uint64_t who, const token_rate& rate, mono_time now) {
  auto& set = sets_[who % sets_.size()];
  auto found = std::ranges::find(set, who, &slot::who);
  if (found == set.end()) {
    found = std::ranges::min_element(set, {}, [](const slot& one) { return one.bucket.full_at(); });
    *found = {who, {}};
  }
  return found->bucket.take(rate, now);
}

}  // namespace gateway
