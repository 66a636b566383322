// Tokens that this gateway gives its own clients (mode inject), kept as hashes only: a file of hashes lets nobody in.
// SHA-256 without salt or work factor is enough because a token is long and random, which is_strong_token insists on; so a request
// costs a microsecond to check and cannot be used to keep the gateway busy.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

using token_hash = std::array<std::byte, 32>;

token_hash hash_of_token(std::string_view token);

// In a time that depends on neither.
bool same_hash(const token_hash& a, const token_hash& b);

// "sha256:" and 64 hexadecimal digits. The prefix tells a hash from a token that was put there by mistake.
std::string token_hash_text(const token_hash& hash);
std::optional<token_hash> parse_token_hash(std::string_view text);

// 32 characters or more that may stand in Authorization: Bearer.
bool is_strong_token(std::string_view token);

}  // namespace gateway
