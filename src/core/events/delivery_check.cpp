#include "core/events/delivery_check.hpp"

#include <sodium.h>

#include <array>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view hash_parameter = "bodySHA256";

// The values of that parameter in a raw query; nothing is decoded.
std::vector<std::string_view> hashes_in(std::string_view query) {
  std::vector<std::string_view> found;
  while (!query.empty()) {
    auto const pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    auto const equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == hash_parameter) found.push_back(pair.substr(std::min(pair.size(), equals + 1)));
  }
  return found;
}

std::string sha256_in_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hex_of(view_of(hash));
}

bool is_same_code(const hmac_sha1::code& made, std::string_view signature) {
  std::array<char, sodium_base64_ENCODED_LEN(20, sodium_base64_VARIANT_ORIGINAL)> text{};
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(made.data()), made.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  constexpr auto length = text.size() - 1;  // without the zero at its end
  return signature.size() == length && sodium_memcmp(text.data(), signature.data(), length) == 0;
}

}  // namespace

std::string_view name_of(delivery_result what) {
  static constexpr std::array<std::string_view, delivery_result_count> names{"accepted",     "malformed",  "too_large",       "misdirected",
                                                                             "no_signature", "shared_key", "wrong_signature", "no_hash",
                                                                             "wrong_hash",   "unreadable"};
  return names[static_cast<std::size_t>(what)];
}

event_signers::event_signers(std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim_ows(line);
    if (!line.empty()) keys_.emplace_back(line);
  }
}

bool event_signers::has_signed(std::string_view url, std::string_view other_url, std::string_view signature) {
  bool found = false;
  for (auto& key : keys_) {
    for (auto const each : {url, other_url}) found = is_same_code(key.of(each), signature) || found;
  }
  return found;
}

delivery_proof::delivery_proof(const request_head& from) : query(from.query.value_or("")) {
  for_each_field(from.fields, [this](std::string_view name, std::string_view value) {
    if (iequals(name, "x-twilio-signature")) {
      signature = value;
      ++signatures;
    }
    has_shared_key = has_shared_key || iequals(name, "x-twilio-webhooks-signature-settings");
    return true;
  });
}

delivery_result check_origin(const delivery_proof& proof, std::string_view body, const event_url& at, event_signers& signers) {
  if (proof.has_shared_key) return delivery_result::shared_key;     // defence: event-shared-key
  if (proof.signatures != 1) return delivery_result::no_signature;  // defence: event-one-signature
  auto const url = std::string{at.without_port}.append("?").append(proof.query);
  auto const other_url = std::string{at.with_port}.append("?").append(proof.query);
  if (!signers.has_signed(url, other_url, proof.signature)) return delivery_result::wrong_signature;  // defence: event-signature
  auto const hashes = hashes_in(proof.query);
  if (hashes.size() != 1) return delivery_result::no_hash;                        // defence: event-hash-needed
  if (hashes.front() != sha256_in_hex(body)) return delivery_result::wrong_hash;  // defence: event-body-hash
  return delivery_result::accepted;
}

}  // namespace gateway
