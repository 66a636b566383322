#include "core/base/secret.hpp"

#include <sodium.h>

#include "core/base/eight_bytes.hpp"

namespace gateway {

// Compares every byte, wherever the first difference is. sodium_memcmp does the same byte by byte, and every hit pays for this comparison.
bool secret::same_as(std::string_view other) const {
  std::uint64_t differing = 0;
  auto const gather = [&](eight_bytes one, eight_bytes another) {
    differing |= one ^ another;
    return true;
  };
  return bytes_.size() == other.size() && all_of_eights(gather, bytes_, other) && differing == 0;
}

void secret::wipe() noexcept {
  // Wipes the capacity, not the size: a shorter value may have been moved over a longer one.
  bytes_.resize(bytes_.capacity());
  sodium_memzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

void wipe_stack() {
  static constexpr std::size_t deepest = 64 * 1024;
  sodium_stackzero(deepest);
}

void wipe(std::string& text) {
  text.resize(text.capacity());
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace gateway
