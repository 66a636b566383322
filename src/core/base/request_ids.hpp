// Request ids for requests without one: 128 bits from a fast generator. They are unique, not secret.
// Thread rule: belongs to one worker. The seed is a parameter.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>

namespace gateway {

class request_ids {
public:
  explicit request_ids(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t bits() { return bits_(); }

  // Valid until the next call.
  std::string_view next() {
    static constexpr char hex[] = "0123456789abcdef";
    for (std::size_t i = 0; i < text_.size(); i += 16) {
      auto word = bits_();
      for (std::size_t j = 0; j < 16; ++j, word >>= 4) text_[i + j] = hex[word & 15];
    }
    return {text_.data(), text_.size()};
  }

private:
  std::mt19937_64 bits_;
  std::array<char, 32> text_{};
};

}  // namespace gateway
