// A value that one thread writes and others may look at any time, without either waiting for the other.
// Thread rule: one writer, any reader.
//
// Chosen because the writer is a lane: it may neither lock nor allocate nor wait for whoever reads, and readers are an operator now and
// then, who can look again. A queue would have to be emptied by somebody; a mutex would let a reader stop a lane; a pointer exchanged per
// value would need memory to be given back safely. Here a reader that was overtaken notices, and tries again.
//
// The words of the value are atomics, so that reading one that is being written is no data race. Each is stored with release and loaded
// with acquire, which on x86 are plain moves. That makes it sound: if a reader sees one word of a newer value, it also sees the odd version
// that was stored before that word, so its second look at the version differs from the first, and it drops what it has.
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

  // Nothing if it was never written, or is written again and again just now.
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

  std::atomic<std::uint64_t> version_{0};  // odd while it is being written
  std::array<std::atomic<std::uint64_t>, word_count> words_{};
};

}  // namespace gateway
