// A value that one thread writes and other threads may read at any time; neither waits for the other.
// Thread rule: one writer, any reader.
//
// Why a seqlock: the writer is a lane, which may neither lock nor allocate nor wait for a reader. Readers are rare and can retry. A queue
// would need a consumer; a mutex would let a reader stop a lane; a pointer exchange per value would need safe memory reclamation. Here a
// reader notices that the value changed under it, and tries again.
//
// The words of the value are atomics, so a read during a write is no data race. Each is stored with release and loaded with acquire, which
// are plain moves on x86. This is sound: a reader that sees one word of a newer value also sees the odd version that was stored before that
// word. Its second check of the version then differs from the first, and it discards the value.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace gateway {

template <class Value>
class seqlocked {
  static_assert(std::is_trivially_copyable_v<Value> && std::is_default_constructible_v<Value>);

public:
  void put(const Value& one) {
    word_array words{};
    std::memcpy(words.data(), static_cast<const void*>(&one), sizeof one);
    auto const version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < word_count; ++i) words_[i].store(words[i], std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  // nullopt: it was never written, or was overwritten during every attempt.
  [[nodiscard]] std::optional<Value> get() const {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
      auto const version = version_.load(std::memory_order_acquire);
      if (version == 0) return std::nullopt;
      word_array words;
      for (std::size_t i = 0; i < word_count; ++i) words[i] = words_[i].load(std::memory_order_acquire);
      if (version % 2 != 0 || version_.load(std::memory_order_relaxed) != version) continue;
      Value one;
      std::memcpy(static_cast<void*>(&one), words.data(), sizeof one);
      return one;
    }
    return std::nullopt;
  }

private:
  static constexpr int max_attempts = 100;
  static constexpr std::size_t word_count = (sizeof(Value) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  using word_array = std::array<std::uint64_t, word_count>;

  std::atomic<std::uint64_t> version_{0};  // odd during a write
  std::array<std::atomic<std::uint64_t>, word_count> words_{};
};

}  // namespace gateway
