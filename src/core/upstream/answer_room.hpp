// The memory for answers that pass through and are larger than upstream.max_body_bytes. It is taken while such an answer arrives and given
// back when its client has it, so that clients that do not read cannot hold more than a fixed sum.
// Thread rule: large_answers is shared by all workers; an answer_room belongs to one exchange and is given back from any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace gateway {

// The bytes of large answers, over all workers.
class large_answers {
public:
  // False: they would be more than `most`.
  bool take(std::uint64_t bytes, std::uint64_t most) {
    auto held = bytes_.load(std::memory_order_relaxed);
    while (held + bytes <= most) {
      if (bytes_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void give_back(std::uint64_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t held() const { return bytes_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> bytes_{0};
};

class answer_room {
public:
  struct bounds {
    std::uint64_t free;   // bytes of a body that count nowhere
    std::uint64_t most;   // of one body
    std::uint64_t total;  // of all large answers
  };

  answer_room(large_answers& all, const bounds& within) : all_(all), within_(within) {}
  answer_room(const answer_room&) = delete;
  answer_room& operator=(const answer_room&) = delete;
  ~answer_room() { all_.give_back(taken_); }

  [[nodiscard]] std::uint64_t most() const { return within_.most; }
  [[nodiscard]] bool is_large() const { return taken_ > 0; }
  // Makes room for a body of that size. False: the large answers have no memory left.
  bool fit(std::uint64_t size) {
    if (size <= within_.free || size <= taken_) return true;
    if (!all_.take(size - taken_, within_.total)) return false;  // defence: large-answers-total
    taken_ = size;
    return true;
  }

private:
  large_answers& all_;
  bounds within_;
  std::uint64_t taken_ = 0;
};

}  // namespace gateway
