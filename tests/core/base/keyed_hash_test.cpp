#include "core/base/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::keyed_hash_test {
namespace {

template <std::size_t N>
std::array<std::byte, N> counting() {
  std::array<std::byte, N> bytes{};
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

std::string hex(const digest& bytes) {
  std::string text;
  for (auto const byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

// From the appendix of "SipHash: a fast short-input PRF" and its reference vectors.
TEST(keyed_hash, short_hash_is_siphash_2_4) {
  auto const key = counting<16>();
  EXPECT_EQ(short_hash(key, ""), 0x726fdb47dd0e0e31u);
  std::string fifteen;
  for (char c = 0; c < 15; ++c) fifteen += c;
  EXPECT_EQ(short_hash(key, fifteen), 0xa129ca6149be45e5u);
}

// The 128-bit digests come from Python's hashlib.blake2b.
TEST(keyed_hash, digests_are_blake2b) {
  EXPECT_EQ(hex(content_digest("")), "cae66941d9efbd404e4d88758ea67670");
  EXPECT_EQ(hex(content_digest("abc")), "cf4ab791c62b8d2b2109c90275287816");
  EXPECT_EQ(hex(fingerprint(counting<32>(), "abc")), "1a64be47e4729d951c302ee543f97cf3");
}

TEST(keyed_hash, the_key_matters) {
  auto other = counting<16>();
  other[15] ^= std::byte{1};
  EXPECT_NE(short_hash(counting<16>(), "abc"), short_hash(other, "abc"));
  auto long_other = counting<32>();
  long_other[31] ^= std::byte{1};
  EXPECT_NE(fingerprint(counting<32>(), "abc"), fingerprint(long_other, "abc"));
}

TEST(keyed_hash, a_key_for_another_purpose_is_another_key) {
  auto const key = counting<16>();
  EXPECT_EQ(derived_key(key, "log"), derived_key(key, "log"));
  EXPECT_NE(derived_key(key, "log"), key);
  EXPECT_NE(derived_key(key, "log"), derived_key(key, "table"));
  EXPECT_NE(derived_key(key, "log"), derived_key(short_hash_key{}, "log"));
}

}  // namespace
}  // namespace gateway::keyed_hash_test
