#include "core/base/gzip.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/unpack.hpp"

namespace gateway::gzip_test {
namespace {

TEST(gzip, gives_back_the_very_bytes) {
  std::mt19937_64 random{1};
  for (std::size_t const size : {0, 1, 1023, 1024, 5'000, 17'000, 100'000, 1'000'000}) {
    std::string repetitive;
    std::string noise;
    for (std::size_t i = 0; i < size; ++i) {
      repetitive += static_cast<char>('a' + i % 7);
      noise += static_cast<char>(random());
    }
    EXPECT_EQ(unpacked(gzip(repetitive)), repetitive);
    EXPECT_EQ(unpacked(gzip(noise)), noise);
  }
}

TEST(gzip, is_small_where_there_is_something_to_save) { EXPECT_LT(gzip(std::string(10'000, 'x')).size(), 100u); }

// The compressed form's ETag must identify these bytes on every replica, so the gzip header contains no time and no name.
TEST(gzip, the_same_bytes_give_the_same_result) {
  auto const packed = gzip("summary");
  EXPECT_EQ(packed, gzip("summary"));
  EXPECT_EQ(packed.substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
}

constexpr std::size_t mebibyte = 1 << 20;

TEST(gunzip, gives_back_what_was_packed) {
  std::mt19937_64 random{2};
  for (std::size_t const size : {0, 1, 1023, 5'000, 100'000, 1'000'000}) {
    std::string repetitive;
    std::string noise;
    for (std::size_t i = 0; i < size; ++i) {
      repetitive += static_cast<char>('a' + i % 7);
      noise += static_cast<char>(random());
    }
    EXPECT_EQ(gunzip(gzip(repetitive), mebibyte), repetitive);
    EXPECT_EQ(gunzip(gzip(noise), mebibyte), noise);
    EXPECT_EQ(gunzip(gzip(repetitive), size), repetitive) << "the bound itself is allowed";
  }
}

// RFC 1952 §2.2: a gzip file is one member or several.
TEST(gunzip, members_follow_each_other) {
  EXPECT_EQ(gunzip(gzip("one ") + gzip("") + gzip("two"), mebibyte), "one two");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += gzip("x");
  EXPECT_EQ(gunzip(many, mebibyte), std::string(1000, 'x'));
  EXPECT_EQ(gunzip(many, 999), std::nullopt) << "the bound is for all of them";
}

TEST(gunzip, a_bomb_is_not_unpacked) {
  auto const bomb = gzip(std::string(64 * mebibyte, 'x'));
  ASSERT_LT(bomb.size(), mebibyte);
  EXPECT_EQ(gunzip(bomb, mebibyte), std::nullopt);
  EXPECT_EQ(gunzip(gzip("ab"), 1), std::nullopt);
  EXPECT_EQ(gunzip(gzip("a"), 0), std::nullopt);
  EXPECT_EQ(gunzip(gzip(""), 0), "");
}

TEST(gunzip, what_is_no_gzip) {
  auto const whole = gzip("a summary, and a little more of it");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(gunzip(whole.substr(0, size), mebibyte), std::nullopt) << size;
  EXPECT_EQ(gunzip(whole + "x", mebibyte), std::nullopt) << "followed by something";
  EXPECT_EQ(gunzip(whole + whole.substr(0, 10), mebibyte), std::nullopt) << "followed by half a member";
  EXPECT_EQ(gunzip("{}", mebibyte), std::nullopt);
  for (auto const at : {whole.size() - 1, whole.size() - 5}) {  // the size, the checksum
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(gunzip(changed, mebibyte), std::nullopt) << at;
  }
}

}  // namespace
}  // namespace gateway::gzip_test
