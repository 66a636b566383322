#include "core/auth/token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::token_test {
namespace {

// The output of `printf %s token | sha256sum`.
constexpr std::string_view hash_of_abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(token, hash_is_what_sha256sum_prints) { EXPECT_EQ(token_hash_text(hash_of_token("abc")), hash_of_abc); }

TEST(token, hash_reads_back) {
  auto const read = parse_token_hash(hash_of_abc);
  ASSERT_TRUE(read);
  EXPECT_TRUE(same_hash(*read, hash_of_token("abc")));
  EXPECT_FALSE(same_hash(*read, hash_of_token("abd")));
}

TEST(token, hash_is_nothing_else) {
  std::string const good{hash_of_abc};
  for (auto const& bad :
       {std::string{}, good.substr(7), good.substr(0, good.size() - 1), good + "0", good + " ", " " + good, "SHA256:" + good.substr(7),
        "sha512:" + good.substr(7), good.substr(0, good.size() - 1) + "g", good.substr(0, good.size() - 2) + "\0a"}) {
    EXPECT_FALSE(parse_token_hash(bad)) << bad;
  }
}

TEST(token, is_strong_from_32_characters_on_that_any_client_can_send) {
  EXPECT_TRUE(is_strong_token(std::string(32, 'a')));
  EXPECT_TRUE(is_strong_token("0123456789abcdefABCDEF-._~+/0123456789"));
  EXPECT_FALSE(is_strong_token(std::string(31, 'a')));
  for (char const c : {' ', ':', '\n', '=', '"', '\0', '\x7f', '\xe9'}) EXPECT_FALSE(is_strong_token(std::string(40, 'a') + c)) << int{c};
}

}  // namespace
}  // namespace gateway::token_test
