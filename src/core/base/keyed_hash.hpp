// Hashes by purpose: short_hash for tables (outsiders cannot steer it), fingerprint for credentials (it cannot be reversed) and
// content_digest for files. libsodium does the work. Keys are arguments: core has no source of randomness.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

using short_hash_key = std::array<std::byte, 16>;   // SipHash-2-4
using fingerprint_key = std::array<std::byte, 32>;  // keyed BLAKE2b
using digest = std::array<std::byte, 16>;           // 128 bits of BLAKE2b

// A key for another purpose: hashes made with it reveal nothing about hashes made with the first key.
short_hash_key derived_key(const short_hash_key& from, std::string_view purpose);
fingerprint_key derived_key(const fingerprint_key& from, std::string_view purpose);

std::uint64_t short_hash(const short_hash_key& key, std::string_view bytes);
digest fingerprint(const fingerprint_key& key, std::string_view bytes);
digest content_digest(std::string_view bytes);

}  // namespace gateway
