#include "core/base/hmac_sha1.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace gateway::hmac_sha1_test {
namespace {

std::string code_of(std::string_view key, std::string_view text) { return hex_of(view_of(hmac_sha1{key}.of(text))); }

// RFC 2202 §3.
TEST(hmac_sha1, known_answers) {
  EXPECT_EQ(code_of(std::string(20, '\x0b'), "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(code_of("Jefe", "what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(code_of(std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
  EXPECT_EQ(sha1_in_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180-2
}

TEST(hmac_sha1, a_key_is_used_again) {
  hmac_sha1 key{"Jefe"};
  auto const first = key.of("what do ya want for nothing?");
  key.of("another text");
  EXPECT_EQ(key.of("what do ya want for nothing?"), first);
}

}  // namespace
}  // namespace gateway::hmac_sha1_test
