// Text, eight bytes at a time in one register. Every request's head is scanned with it, so its speed matters (bench/README.md).
// Thread rule: pure functions. Source of the tests: Anderson, Bit Twiddling Hacks ("determine if a word has a byte less than n").
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gateway {

class eight_bytes {
public:
  static eight_bytes at(const char* text) { return eight_bytes{load<std::uint64_t>(text)}; }

  // A whole text of one to seven bytes. Some bytes appear twice, at positions that depend on its size only.
  static eight_bytes of_short(std::string_view text) {
    auto const size = text.size();
    if (size >= 4) return eight_bytes{load<std::uint32_t>(text.data()) | std::uint64_t{load<std::uint32_t>(&text[size - 4])} << 32U};
    return eight_bytes{each(byte(text[0])) << 16U | std::uint64_t{byte(text[size / 2])} << 8U | byte(text[size - 1])};
  }

  // Whether any byte is less than `bound`, which is at most 128.
  [[nodiscard]] bool has_less_than(std::uint8_t bound) const { return ((bits_ - each(bound)) & ~bits_ & high_bits) != 0; }
  [[nodiscard]] bool has(std::uint8_t one) const { return eight_bytes{bits_ ^ each(one)}.has_less_than(1); }

  // ASCII only, independent of the locale.
  [[nodiscard]] eight_bytes lower() const {
    auto const low = bits_ & ~high_bits;
    auto const from_a = low + each(0x80 - 'A');
    auto const after_z = low + each(0x7f - 'Z');
    auto const upper = (from_a ^ after_z) & ~bits_ & high_bits;
    return eight_bytes{bits_ | upper >> 2U};
  }

  friend std::uint64_t operator^(eight_bytes a, eight_bytes b) { return a.bits_ ^ b.bits_; }

private:
  static constexpr std::uint64_t high_bits = 0x8080808080808080;

  explicit eight_bytes(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t each(std::uint8_t one) { return one * 0x0101010101010101U; }
  static std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }
  template <class Word>
  static Word load(const char* text) {
    Word word{};
    std::memcpy(&word, text, sizeof word);
    return word;
  }

  std::uint64_t bits_;
};

inline bool same_lower(eight_bytes a, eight_bytes b) { return (a.lower() ^ b.lower()) == 0; }

// Calls see(eight, ...) with eight bytes of each of several texts of one size, until every byte was seen, some of them twice. Stops when it
// returns false.
// It is worth its code at each call: where the size is known, a few instructions are left.
template <class See, class... Others>
[[gnu::always_inline]] inline bool all_of_eights(See&& see, std::string_view first, Others... others) {
  auto const size = first.size();
  if (size == 0) return true;
  if (size < 8) return see(eight_bytes::of_short(first), eight_bytes::of_short(others)...);
  auto const seen_at = [&](std::size_t at) { return see(eight_bytes::at(&first[at]), eight_bytes::at(&others[at])...); };
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    if (!seen_at(at)) return false;
  }
  return at == size || seen_at(size - 8);
}

}  // namespace gateway
