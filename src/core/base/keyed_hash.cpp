#include "core/base/keyed_hash.hpp"

#include <sodium.h>

#include <bit>

#include "core/base/octets.hpp"

namespace gateway {
namespace {

template <class Out = digest>
Out blake2b(std::string_view bytes, const std::byte* key, std::size_t key_size) {
  Out out{};
  crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(out.data()), out.size(), octets_of(bytes), bytes.size(),
                             key ? octets_of(key) : nullptr, key_size);
  return out;
}

}  // namespace

short_hash_key derived_key(const short_hash_key& from, std::string_view purpose) { return blake2b(purpose, from.data(), from.size()); }

fingerprint_key derived_key(const fingerprint_key& from, std::string_view purpose) {
  return blake2b<fingerprint_key>(purpose, from.data(), from.size());
}

std::uint64_t short_hash(const short_hash_key& key, std::string_view bytes) {
  std::array<unsigned char, crypto_shorthash_BYTES> out{};
  crypto_shorthash(out.data(), octets_of(bytes), bytes.size(), octets_of(key.data()));  // defence: keyed-hash
  return std::bit_cast<std::uint64_t>(out);
}

digest fingerprint(const fingerprint_key& key, std::string_view bytes) { return blake2b(bytes, key.data(), key.size()); }

digest content_digest(std::string_view bytes) { return blake2b(bytes, nullptr, 0); }

}  // namespace gateway
