#include "core/auth/token.hpp"

#include <sodium.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view hash_prefix = "sha256:";
constexpr std::size_t min_token_length = 32;
constexpr char_set is_token68_char{"-._~+/", is_alnum};
static_assert(sizeof(token_hash) == crypto_hash_sha256_BYTES);

unsigned char* raw(token_hash& hash) { return reinterpret_cast<unsigned char*>(hash.data()); }
const unsigned char* raw(const token_hash& hash) { return reinterpret_cast<const unsigned char*>(hash.data()); }

}  // namespace

token_hash hash_of_token(std::string_view token) {
  token_hash hash{};
  crypto_hash_sha256(raw(hash), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  return hash;
}

bool same_hash(const token_hash& a, const token_hash& b) { return sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string token_hash_text(const token_hash& hash) {
  std::string digits(2 * hash.size() + 1, '\0');
  sodium_bin2hex(digits.data(), digits.size(), raw(hash), hash.size());
  digits.pop_back();  // the terminator
  return std::string{hash_prefix} + digits;
}

std::optional<token_hash> parse_token_hash(std::string_view text) {
  if (!text.starts_with(hash_prefix)) return std::nullopt;
  text.remove_prefix(hash_prefix.size());
  token_hash hash{};
  std::size_t size = 0;
  bool const read = text.size() == 2 * hash.size() &&
                    sodium_hex2bin(raw(hash), hash.size(), text.data(), text.size(), nullptr, &size, nullptr) == 0 && size == hash.size();
  if (!read) return std::nullopt;
  return hash;
}

bool is_bearer_token(std::string_view text) {
  auto const padding = std::min(text.find('='), text.size());
  return padding > 0 && is_token68_char.holds_all(text.substr(0, padding)) &&
         text.find_first_not_of('=', padding) == std::string_view::npos;
}

bool is_strong_token(std::string_view token) { return token.size() >= min_token_length && is_token68_char.holds_all(token); }

}  // namespace gateway
