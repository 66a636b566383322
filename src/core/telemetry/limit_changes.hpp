// Which changes of an account's learnt concurrency limit are worth an entry in the logbook. The limit moves by small steps all the time, so
// only a change by a quarter downwards or by half upwards counts, from the level that was entered last; and its return to the maximum.
// Thread rule: none of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

class limit_changes {
public:
  struct change {
    std::uint64_t account = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };

  // `lowered`: every account whose limit is below `most`.
  std::vector<change> look(const std::vector<account_limit>& lowered, std::uint64_t most) {
    std::vector<change> changes;
    std::unordered_map<std::uint64_t, std::uint64_t> now;
    for (auto const& one : lowered) {
      auto const known = entered_.find(one.account);
      auto const before = known == entered_.end() ? most : known->second;
      bool const counts = is_lower(one.limit, before) || is_higher(one.limit, before);
      if (counts) changes.push_back({one.account, before, one.limit});
      if (counts || known != entered_.end()) now[one.account] = counts ? one.limit : before;
      entered_.erase(one.account);
    }
    for (auto const& [account, before] : entered_) changes.push_back({account, before, most});
    entered_ = std::move(now);
    return changes;
  }

private:
  static constexpr std::uint64_t least = 2;  // a step by one is never worth an entry
  static bool is_lower(std::uint64_t now, std::uint64_t before) { return now + std::max(before / 4, least) <= before; }
  static bool is_higher(std::uint64_t now, std::uint64_t before) { return now >= before + std::max(before / 2, least); }

  std::unordered_map<std::uint64_t, std::uint64_t> entered_;  // by account: its limit as entered last; not there: the maximum
};

}  // namespace gateway
