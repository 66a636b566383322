// Text and bytes as the octets that libraries written in C take.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace gateway {

inline const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline const unsigned char* octets_of(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
inline unsigned char* octets_of(char* text) { return reinterpret_cast<unsigned char*>(text); }

}  // namespace gateway
