// One token bucket per client in a table of fixed size, so that strangers can make up clients without making us remember them all.
// A client has four places it may be in; when all are taken, the one nearest to being full (which loses least) is forgotten.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument.
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

  // `who`: a keyed hash of the client. Two clients share a bucket only if 64 bits collide that neither can choose.
  token_decision take(std::uint64_t who, const token_rate& rate, mono_time now);
  // Nothing, if it has no bucket yet (or none any more).
  std::optional<token_decision> take_if_known(std::uint64_t who, const token_rate& rate, mono_time now);

private:
  static constexpr std::size_t ways = 4;
  struct place {
    std::uint64_t who = 0;
    token_bucket bucket;
  };
  std::vector<std::array<place, ways>> sets_;
};

}  // namespace gateway
