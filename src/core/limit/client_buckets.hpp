// One token bucket per client in a table of fixed size, so that invented client names cost no memory.
// Each client has four possible slots. When all are taken, the bucket that is nearest to full is forgotten, because it loses least.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/limit/token_bucket.hpp"

namespace gateway {

class client_buckets {
public:
  explicit client_buckets(std::size_t max_clients) : sets_((max_clients + ways - 1) / ways) {}

  // `who`: a keyed hash of the client. Two clients share a bucket only if 64 bits collide that no client can choose.
  token_decision take(std::uint64_t who, const token_rate& rate, mono_time now);
  // Nothing if the client has no bucket.
  std::optional<token_decision> take_if_known(std::uint64_t who, const token_rate& rate, mono_time now);

private:
  static constexpr std::size_t ways = 4;
  struct slot {
    std::uint64_t who = 0;
    token_bucket bucket;
  };
  std::vector<std::array<slot, ways>> sets_;
};

}  // namespace gateway
