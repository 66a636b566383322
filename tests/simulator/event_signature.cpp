#include "event_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "sink_url.hpp"

namespace simulator {
namespace {

constexpr std::string_view signing_names[] = {"right", "wrong_token", "absent", "other_url", "no_body_hash", "other_body", "default_port"};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string with_body_hash(std::string_view url, std::string_view body) {
  std::string hashed{url};
  hashed += url.find('?') == std::string_view::npos ? '?' : '&';
  return hashed + "bodySHA256=" + hex_sha256(body);
}

}  // namespace

std::optional<signing> parse_signing(std::string_view name) {
  const auto* const found = std::ranges::find(signing_names, name);
  if (found == std::end(signing_names)) return {};
  return static_cast<signing>(found - signing_names);
}

std::string hex_sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw std::runtime_error("no SHA-256");
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 0xfU];
  }
  return hex;
}

std::string base64_hmac_sha1(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), mac.data(), &size) == nullptr)
    throw std::runtime_error("no HMAC-SHA1");
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), mac.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

signed_url sign(std::string_view destination, std::string_view body, std::string_view token, signing how) {
  const std::string url = with_body_hash(destination, body);
  switch (how) {
    case signing::right:
      break;
    case signing::wrong_token:
      return {url, base64_hmac_sha1("not-" + std::string{token}, url)};
    case signing::absent:
      return {url, {}};
    case signing::other_url:
      return {url, base64_hmac_sha1(token, with_body_hash("https://elsewhere.example/events", body))};
    case signing::no_body_hash:
      return {std::string{destination}, base64_hmac_sha1(token, destination)};
    case signing::other_body: {
      const std::string of_another = with_body_hash(destination, "[]");
      return {of_another, base64_hmac_sha1(token, of_another)};
    }
    case signing::default_port: {
      const auto parsed = sink_url::parse(url);
      return {url, base64_hmac_sha1(token, parsed ? parsed->with_port() : url)};
    }
  }
  return {url, base64_hmac_sha1(token, url)};
}

}  // namespace simulator
