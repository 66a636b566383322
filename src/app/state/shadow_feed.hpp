// What one lane shows to the shadow (core/shadow): counts of all requests for summaries, and sightings of those whose call is in the
// sample, in a bounded queue. Without the setting shadow, a request costs one comparison here. Thread rule: looked() and fetched() on the
// lane's thread; the rest on the control worker's. No call blocks.
#pragma once

#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <memory>
#include <optional>

#include "core/cache/key.hpp"
#include "core/cache/lookup.hpp"
#include "core/shadow/repeat_filter.hpp"
#include "core/shadow/shadow_sample.hpp"
#include "core/shadow/sighting.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

class shadow_feed {
public:
  static constexpr std::size_t room = 16'384;  // 1.2 MB; enough for 160,000 sampled requests per second at ten looks a second

  // It will be looked up next, and the cache's memory is waited for anyway.
  void expect(const cache_key& own) const {
    if (threshold_.load(std::memory_order_acquire) != 0) shown_->expect(own.call_bits());
  }
  // A request for a summary was looked up. `at`: where the stored answer is.
  void looked(const cache_key& own, const cache_key& at, const lru_store::found& found, const decision& decided, processing_state state,
              const request_cache_control& asked, mono_time now) {
    auto const threshold = threshold_.load(std::memory_order_acquire);
    if (threshold == 0) return;
    requests_.add();
    if (is_answer(decided.is)) answered_.add();
    if (place_in_sample(own.call_bits()) >= threshold) return;
    if (decided.is == lookup::hit && found.stored->kind == answer_kind::complete && is_repeat(own, at, state, now)) {
      repeated_.add();
    } else {
      show(own, at, found, decided, state, asked, now);
    }
  }

  // A fetch has ended.
  struct fetched_answer {
    const entry* made = nullptr;     // null: there is none to store
    std::optional<partition> place;  // where it is stored for others, too
    std::optional<partition> all;    // where it would be with sharing: grants
    bool was_called = false;         // the upstream was asked
    bool is_refusal = false;         // of the credential
  };
  [[nodiscard]] bool is_on() const { return threshold_.load(std::memory_order_relaxed) != 0; }
  void fetched(const cache_key& own, processing_state state, const fetched_answer& what, mono_time now);

  // Sampled are calls whose place is below; 0: the shadow is off. `repeats_within`: as shadow_sample has it.
  void set_sample(std::uint64_t threshold, std::chrono::milliseconds repeats_within);
  template <class Use>
  void take_all(Use&& use) {
    if (waiting_) waiting_->consume_all(use);
  }
  struct counts {
    std::uint64_t requests = 0;
    std::uint64_t answered = 0;
    std::uint64_t calls = 0;
    std::uint64_t repeated = 0;  // hits that were left out, because they tell nothing new
    std::uint64_t lost = 0;      // sightings for which there was no room
    counts& operator+=(const counts& other);
    counts operator-(const counts& other) const;
  };
  [[nodiscard]] counts counted() const { return {requests_.get(), answered_.get(), calls_.get(), repeated_.get(), lost_.get()}; }

private:
  void show(const cache_key& own, const cache_key& at, const lru_store::found& found, const decision& decided, processing_state state,
            const request_cache_control& asked, mono_time now);
  bool is_repeat(const cache_key& own, const cache_key& at, processing_state state, mono_time now) {
    auto const who = (own.owner.bits() + static_cast<std::uint64_t>(state)) * 0xD6E8'FEB8'6659'FD93U + at.owner.bits();
    return shown_->is_repeat(own.call_bits(), who, now, std::chrono::milliseconds{repeats_within_.load(std::memory_order_relaxed)});
  }
  void put(const sighting& one) {
    if (!waiting_->push(one)) lost_.add();
  }

  using queue = boost::lockfree::spsc_queue<sighting, boost::lockfree::capacity<room>>;
  std::unique_ptr<queue> waiting_;  // made before the threshold is first set, and kept
  std::unique_ptr<repeat_filter> shown_;
  std::atomic<std::uint64_t> threshold_{0};
  std::atomic<std::int64_t> repeats_within_{0};  // ms
  counter requests_, answered_, calls_, repeated_, lost_;
};

}  // namespace gateway
