#include "core/base/secret.hpp"

#include <sodium.h>

#include "core/base/eight_bytes.hpp"

namespace gateway {

// Every byte is looked at, whatever the ones before it were. As sodium_memcmp does it, but not byte by byte: each hit pays for it.
bool secret::same_as(std::string_view other) const {
  auto const size = bytes_.size();
  if (size != other.size() || size == 0) return size == other.size();
  if (size < 8) return (eight_bytes::of_short(bytes_) ^ eight_bytes::of_short(other)) == 0;
  std::uint64_t differing = 0;
  all_of_eights(size, [&](std::size_t at) {
    differing |= eight_bytes::at(&bytes_[at]) ^ eight_bytes::at(&other[at]);
    return true;
  });
  return differing == 0;
}

void secret::wipe() noexcept {
  // The capacity, not the size: a shorter value may have been moved over a longer one.
  bytes_.resize(bytes_.capacity());
  sodium_memzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace gateway
