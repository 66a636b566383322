#include "core/base/secret.hpp"

#include <sodium.h>

namespace gateway {

bool secret::same_as(std::string_view other) const {
  return bytes_.size() == other.size() && sodium_memcmp(bytes_.data(), other.data(), other.size()) == 0;
}

void secret::wipe() noexcept {
  // The capacity, not the size: a shorter value may have been moved over a longer one.
  bytes_.resize(bytes_.capacity());
  sodium_memzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace gateway
