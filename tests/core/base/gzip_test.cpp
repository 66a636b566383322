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

}  // namespace
}  // namespace gateway::gzip_test
