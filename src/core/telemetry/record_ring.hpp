// The last few values that one thread has put: it never waits, and others may look at any time.
// Thread rule: one writer, any reader.
//
// A seqlock per place. Chosen because the writer is a lane: it may neither lock nor allocate nor wait for whoever reads, and readers are an
// operator now and then, who can look again. A queue would have to be emptied by somebody; a mutex would let a reader stop a lane; a
// pointer exchanged per record would need memory to be given back safely. Here a reader that was overtaken notices, and tries again.
//
// The words of a value are atomics, so that reading one that is being written is no data race. Each is stored with release and loaded with
// acquire, which on x86 are plain moves. That makes it sound: if a reader sees one word of a newer value, it also sees the odd version that
// was stored before that word, so its second look at the version differs from the first, and it drops what it has.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace gateway {

template <class Value, std::size_t Places>
class record_ring {
  static_assert(std::is_trivially_copyable_v<Value> && std::is_default_constructible_v<Value>);

public:
  void put(const Value& one) {
    auto& to = places_[next_++ % Places];
    word_array words{};
    std::memcpy(words.data(), &one, sizeof one);
    auto const version = to.version.load(std::memory_order_relaxed);
    to.version.store(version + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < word_count; ++i) to.words[i].store(words[i], std::memory_order_release);
    to.version.store(version + 2, std::memory_order_release);
  }

  // Calls use(value) for each, in no order. One that is overwritten again and again while it is read is left out.
  template <class Use>
  void read(Use&& use) const {
    for (auto const& from : places_) {
      for (int attempt = 0; attempt < max_attempts; ++attempt) {
        auto const version = from.version.load(std::memory_order_acquire);
        if (version == 0) break;  // never written
        word_array words;
        for (std::size_t i = 0; i < word_count; ++i) words[i] = from.words[i].load(std::memory_order_acquire);
        if (version % 2 != 0 || from.version.load(std::memory_order_relaxed) != version) continue;
        Value one;
        std::memcpy(static_cast<void*>(&one), words.data(), sizeof one);
        use(one);
        break;
      }
    }
  }

private:
  static constexpr int max_attempts = 100;
  static constexpr std::size_t word_count = (sizeof(Value) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  using word_array = std::array<std::uint64_t, word_count>;

  struct place {
    std::atomic<std::uint64_t> version{0};  // odd while it is being written
    std::array<std::atomic<std::uint64_t>, word_count> words{};
  };
  std::array<place, Places> places_;
  std::uint64_t next_ = 0;  // the writer's own
};

}  // namespace gateway
