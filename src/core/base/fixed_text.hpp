// A short text stored in place, without the heap: the hit path can write it, and it can be copied bytewise. A longer text is cut.
// Thread rule: a value.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace gateway {

template <std::size_t Room>
class fixed_text {
  static_assert(Room <= 255);

public:
  fixed_text() = default;
  fixed_text(std::string_view text) { *this = text; }  // NOLINT(google-explicit-constructor): a text is a text

  fixed_text& operator=(std::string_view text) {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), Room));
    std::copy_n(text.data(), size_, chars_.data());
    return *this;
  }

  [[nodiscard]] std::string_view view() const { return {chars_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  friend bool operator==(const fixed_text& a, const fixed_text& b) { return a.view() == b.view(); }

private:
  std::array<char, Room> chars_{};
  std::uint8_t size_ = 0;
};

}  // namespace gateway
