// Tokens of this gateway's own clients (mode inject). Only hashes are stored, so a leaked file of hashes grants no access.
// SHA-256 without salt or work factor is enough, because a token is long and random, which is_strong_token enforces. A check costs a
// microsecond, so a flood of wrong tokens cannot keep the gateway busy.
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

// Takes constant time.
bool same_hash(const token_hash& a, const token_hash& b);

// "sha256:" and 64 hexadecimal digits. The prefix tells a hash from a plain token written there by mistake.
std::string token_hash_text(const token_hash& hash);
std::optional<token_hash> parse_token_hash(std::string_view text);

// What Authorization: Bearer allows. RFC 6750 §2.1 b64token.
bool is_bearer_token(std::string_view text);

// 32 characters or more, all of which Authorization: Bearer allows.
bool is_strong_token(std::string_view token);

}  // namespace gateway
