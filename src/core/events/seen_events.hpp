// Which events were noted before: Twilio delivers each at least once, and a delivery may be replayed. The table is bounded and forgets the
// oldest first; an event that it has forgotten is older than what the cache has since asked for, so noting it again changes nothing.
// Thread rule: none of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

namespace gateway {

class seen_events {
public:
  static constexpr std::size_t usual_most = 65'536;

  explicit seen_events(std::size_t most = usual_most) : most_(most) {}

  // `event`: a keyed hash of its identity. False: it was noted before.
  bool note(std::uint64_t event) {
    if (!known_.insert(event).second) return false;  // defence: event-replay
    order_.push_back(event);
    if (order_.size() > most_) {  // defence: event-ids-bounded
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  [[nodiscard]] std::size_t size() const { return known_.size(); }

private:
  std::size_t most_;
  std::unordered_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;
};

}  // namespace gateway
