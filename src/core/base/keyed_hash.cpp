#include "core/base/keyed_hash.hpp"

#include <sodium.h>

#include <bit>

namespace gateway {
namespace {

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }

template <class Out = digest>
Out blake2b(std::string_view bytes, const std::byte* key, std::size_t key_size) {
  Out out{};
  crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(out.data()), out.size(), raw(bytes), bytes.size(), key ? raw(key) : nullptr,
                             key_size);
  return out;
}

}  // namespace

short_hash_key derived_key(const short_hash_key& from, std::string_view purpose) { return blake2b(purpose, from.data(), from.size()); }

fingerprint_key derived_key(const fingerprint_key& from, std::string_view purpose) {
  return blake2b<fingerprint_key>(purpose, from.data(), from.size());
}

std::uint64_t short_hash(const short_hash_key& key, std::string_view bytes) {
  std::array<unsigned char, crypto_shorthash_BYTES> out{};
  crypto_shorthash(out.data(), raw(bytes), bytes.size(), raw(key.data()));  // defence: keyed-hash
  return std::bit_cast<std::uint64_t>(out);
}

digest fingerprint(const fingerprint_key& key, std::string_view bytes) { return blake2b(bytes, key.data(), key.size()); }

digest content_digest(std::string_view bytes) { return blake2b(bytes, nullptr, 0); }

}  // namespace gateway
