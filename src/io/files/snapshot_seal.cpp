#include "io/files/snapshot_seal.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "core/base/octets.hpp"
#include "io/files/guarded_file.hpp"

namespace gateway {
namespace {

struct free_cipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};

fingerprint_key derived(const fingerprint_key& key, const snapshot_lead& lead) {
  fingerprint_key made{};
  auto const first = fingerprint(key, lead.text() + "snapshot 1");
  auto const second = fingerprint(key, lead.text() + "snapshot 2");
  std::memcpy(made.data(), first.data(), first.size());
  std::memcpy(made.data() + first.size(), second.data(), second.size());
  return made;
}

// Encrypts or decrypts `content` in place, and writes or reads the tag. False: the tag is wrong, or OpenSSL has failed.
bool transform(const fingerprint_key& key, std::uint64_t index, std::string_view place, std::string& content, digest& tag, bool seals) {
  std::unique_ptr<EVP_CIPHER_CTX, free_cipher> const cipher{EVP_CIPHER_CTX_new()};
  std::array<unsigned char, 12> nonce{};
  std::memcpy(nonce.data() + 4, &index, sizeof index);
  int size = 0;
  if (!cipher || EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, reinterpret_cast<const unsigned char*>(key.data()),
                                   nonce.data(), seals ? 1 : 0) != 1)
    return false;
  if (EVP_CipherUpdate(cipher.get(), nullptr, &size, octets_of(place), static_cast<int>(place.size())) != 1) return false;
  if (!content.empty() &&
      EVP_CipherUpdate(cipher.get(), octets_of(content.data()), &size, octets_of(content.data()), static_cast<int>(content.size())) != 1)
    return false;
  auto const tag_size = static_cast<int>(tag.size());
  if (!seals && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) != 1) return false;
  std::array<unsigned char, 16> nothing{};
  if (EVP_CipherFinal_ex(cipher.get(), nothing.data(), &size) != 1) return false;  // defence: seal-checked
  return !seals || EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) == 1;
}

}  // namespace

std::optional<fingerprint_key> read_seal_key(const std::string& path, std::string& why_not) {
  auto const file = read_secret(path, secret_form::snapshot_key);
  why_not = file.why_not;
  return why_not.empty() ? parse_snapshot_key(file.text.reveal()) : std::nullopt;
}

snapshot_seal::snapshot_seal(const fingerprint_key& key, const snapshot_lead& lead) : file_key_(derived(key, lead)) {}
snapshot_seal::~snapshot_seal() { sodium_memzero(file_key_.data(), file_key_.size()); }

digest snapshot_seal::close(std::uint64_t index, std::string_view place, std::string& content) {
  digest tag{};
  // A failed encryption must never lead to plaintext on disk.
  if (!transform(file_key_, index, place, content, tag, true)) throw std::runtime_error{"AES-256-GCM is not available"};
  return tag;
}

bool snapshot_seal::open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) {
  auto wanted = tag;
  return transform(file_key_, index, place, content, wanted, false);
}

}  // namespace gateway
