// The lives of many calls (core/polling/call_life), for several partitions each. Bounded: beyond that, the call whose last look is the
// oldest is forgotten, and the next look at it is its first one.
// Thread rule: none of its own; the owner locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/cache/key.hpp"
#include "core/polling/look_schedule.hpp"

namespace gateway {

class life_table {
public:
  explicit life_table(std::size_t most);
  ~life_table();
  life_table(life_table&&) noexcept;

  // Null: nothing is known, or the last look was long ago. The pointer holds until the next call of another function.
  [[nodiscard]] call_life* find(const cache_key& key, mono_time now);
  // Makes it, if need be, and marks it as the one that was looked at last.
  call_life& touch(const cache_key& key, mono_time now);
  struct listed {
    partition owner;
    call_life* life = nullptr;
  };
  // All partitions of one call.
  [[nodiscard]] std::vector<listed> about(std::uint64_t call_bits, const call_sid& call);
  bool erase(const cache_key& key);  // false: it was not known
  void erase_call(std::uint64_t call_bits, const call_sid& call);
  void clear();
  [[nodiscard]] std::size_t size() const;

  look_rules rules;
  mono_time purged_at = mono_time::min();  // looks that were sent before that tell nothing

private:
  struct index;
  std::size_t most_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
