// Stored entries for readers that take no lock and write to nothing that other readers read. It is a table of fixed size beside the
// store's own indices: an entry may be missing in it, but none is in it that the store does not have. Each reader says in a place of its
// own what it reads. Who removes an entry takes it out of the table first, and frees it only when no reader names it (hazard pointers:
// M. Michael, "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects", 2004).
// Thread rule: any thread. A reader belongs to one thread; put() and take() of one slot are never concurrent (its store's lock).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/base/time.hpp"
#include "core/cache/key.hpp"

namespace gateway {

struct store_slot;

class read_table {
  // On a cache line of its own: only its reader writes to it, and only who removes an entry reads it.
  struct alignas(64) reading {
    std::atomic<const store_slot*> what{nullptr};
    std::atomic<bool> taken{false};
  };

public:
  // One place for each 2 KiB of the cache, which is 0.8 % of it; 256 MiB at most.
  explicit read_table(std::size_t max_bytes);

  // The right to read without a lock. It must not outlive the table, nor move while it reads. One without a place finds nothing.
  class reader {
  public:
    reader() = default;
    explicit reader(reading* at) : at_(at) {}
    reader(reader&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
    reader& operator=(reader&& other) noexcept {
      std::swap(at_, other.at_);
      return *this;
    }
    ~reader() {
      if (at_ != nullptr) at_->taken.store(false, std::memory_order_release);
    }
    // Whether it may read now: it reads one entry at a time.
    [[nodiscard]] bool is_free() const { return at_ != nullptr && at_->what.load(std::memory_order_relaxed) == nullptr; }
    // The slot may be freed from now on.
    void end() { at_->what.store(nullptr, std::memory_order_release); }

  private:
    friend class read_table;
    reading* at_ = nullptr;
  };
  // The reader's place is free again when it is destroyed. There are 256 places.
  reader join();
  // Whether there was never more than one at once.
  [[nodiscard]] bool has_one_reader() const { return joined_.load(std::memory_order_relaxed) <= 1; }

  // Null: perhaps it is stored all the same. Otherwise the slot is not freed before by.end(). `by` is free.
  [[nodiscard]] const store_slot* find(const cache_key& key, reader& by) const;

  // A reader notes a use of an entry if the last noted one is so long ago.
  void set_use_step(mono_time::duration step) { use_step_.store(step, std::memory_order_relaxed); }
  [[nodiscard]] mono_time::duration use_step() const { return use_step_.load(std::memory_order_relaxed); }

  // Nothing, if the few places that the key may have are in use.
  void put(const store_slot& one);
  // From now on, no reader begins to read it.
  void take(const store_slot& one);
  // Whether a reader that began before take() still reads it.
  [[nodiscard]] bool is_read(const store_slot& one) const;

private:
  struct place {
    std::atomic<std::uint64_t> hash{0};  // of the key: most others are known to be others without a look at their slots
    std::atomic<const store_slot*> what{nullptr};
  };
  struct alignas(64) bucket {
    std::array<place, 4> places;
  };
  // find() in two steps. Others may do anything between them.
  static const store_slot* seen_at(const place& one, const cache_key& key);
  static bool holds(const place& one, const store_slot* what, const cache_key& key, reader& by);
  friend struct steps_of_a_reader;  // for its test

  [[nodiscard]] bucket& bucket_of(const cache_key& key) const { return buckets_[key.hash & mask_]; }

  std::size_t mask_;
  std::atomic<mono_time::duration> use_step_{};
  std::unique_ptr<bucket[]> buckets_;
  std::array<reading, 256> readings_;
  std::atomic<std::size_t> joined_{0};  // so many of them have ever been in use
};

}  // namespace gateway
