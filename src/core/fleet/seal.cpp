#include "core/fleet/seal.hpp"

#include <sodium.h>

#include "core/base/octets.hpp"
#include "core/base/text.hpp"
#include "core/fleet/sized_text.hpp"

namespace gateway {
namespace {

// The first byte of every sealed value. A replica of another version takes an unknown format for a miss.
constexpr char sealed_format = '\x01';
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(sizeof(seal_nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(sizeof(fingerprint_key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
constexpr std::size_t overhead = 1 + sizeof(seal_nonce) + tag_size;

}  // namespace

fleet_seal::~fleet_seal() {
  for (auto& key : keys_) sodium_memzero(key.data(), key.size());
}

// Each text with its length, so that no two places have the same bytes.
std::string fleet_seal::associated(std::string_view kind, std::string_view place) const {
  std::string all(1, sealed_format);
  append_sized(all, upstream_);
  append_sized(all, kind);
  append_sized(all, place);  // defence: seal-place
  return all;
}

std::string fleet_seal::close(std::string_view kind, std::string_view place, const seal_nonce& nonce, std::string_view plain) const {
  auto const beside = associated(kind, place);
  std::string out(1, sealed_format);
  out.append(view_of(nonce));
  auto const start = out.size();
  out.resize(start + plain.size() + tag_size);
  crypto_aead_xchacha20poly1305_ietf_encrypt(octets_of(out.data() + start), nullptr, octets_of(plain), plain.size(), octets_of(beside),
                                             beside.size(), nullptr, octets_of(view_of(nonce)), octets_of(view_of(keys_.front())));
  return out;
}

std::optional<std::string> fleet_seal::open(std::string_view kind, std::string_view place, std::string_view sealed) const {
  if (sealed.size() < overhead || sealed.front() != sealed_format) return std::nullopt;
  auto const beside = associated(kind, place);
  auto const nonce = sealed.substr(1, sizeof(seal_nonce));
  auto const content = sealed.substr(1 + nonce.size());
  std::string plain(content.size() - tag_size, '\0');
  for (auto const& key : keys_) {
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(octets_of(plain.data()), nullptr, nullptr, octets_of(content), content.size(),
                                                   octets_of(beside), beside.size(), octets_of(nonce), octets_of(view_of(key))) == 0)
      return plain;
  }
  return std::nullopt;
}

}  // namespace gateway
