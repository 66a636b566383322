// An entry as the store keeps it. Its place in memory stays the same until it is freed, so readers may use it without a lock.
// Thread rule: only under the lock of its table, but for what readers get: state() and note_use().
#pragma once

#include <atomic>
#include <optional>

#include "core/cache/store.hpp"

namespace gateway {

// A moment, or nothing, that one thread may write while others read it.
class noted_moment {
public:
  void note(mono_time when) { ticks_.store(when.time_since_epoch().count(), std::memory_order_release); }
  void forget() { ticks_.store(none, std::memory_order_release); }
  [[nodiscard]] std::optional<mono_time> get() const {
    auto const ticks = ticks_.load(std::memory_order_acquire);
    return ticks == none ? std::nullopt : std::optional{mono_time{mono_time::duration{ticks}}};
  }

private:
  static constexpr auto none = std::numeric_limits<mono_time::rep>::min();
  std::atomic<mono_time::rep> ticks_{none};
};

// The members that a lookup reads come first. No index depends on a mutable member.
struct store_slot {
  store_slot(const cache_key& where, entry_ptr what, std::size_t bytes, mono_time use, std::uint32_t change_count)
      : key(where), stored(std::move(what)), changes(change_count), used_at(use), filed_use(use), cost(bytes), gone_by(stored->gone_by) {}

  // A use is noted if the last one is so long ago: the slots of busy entries are then seldom written to.
  void note_use(mono_time now, mono_time::duration step) const {
    if (now - used_at.load(std::memory_order_relaxed) >= step) used_at.store(now, std::memory_order_relaxed);
  }
  // note_answer() notes the check before it forgets the failure; so a reader sees at least one of the two.
  [[nodiscard]] lru_store::found state(entry_ref what) const {
    auto const failed = failed_at.get();
    return {std::move(what), purged.load(std::memory_order_acquire), checked_at.get(), failed, changes};
  }
  [[nodiscard]] lru_store::found state() const { return state(stored); }
  // Returns whether it was so before.
  [[nodiscard]] bool make_old() const { return purged.exchange(true, std::memory_order_acq_rel); }

  cache_key key;
  entry_ptr stored;
  mutable noted_moment checked_at;
  mutable noted_moment failed_at;
  mutable std::atomic<bool> purged{false};
  std::uint32_t changes;
  mutable std::atomic<mono_time> used_at;
  mono_time filed_use;  // used_at when the order of use last looked
  mutable mono_time refresh_again_at{};
  std::size_t cost;
  wall_time gone_by;  // the entry's
};

}  // namespace gateway
