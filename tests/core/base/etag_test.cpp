// ETags depend only on the bytes: they are the same in every process and on every machine.
#include "core/base/etag.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gateway::etag_test {
namespace {

// The output of `xxhsum -H2`.
TEST(etag, is_xxh3_of_the_bytes_in_quotes) {
  EXPECT_EQ(etag_of(""), "\"99aa06d3014798d86001c324468d497f\"");
  EXPECT_EQ(etag_of("abc"), "\"06b05ab6733a618578af5f94892f3950\"");
}

TEST(etag, every_byte_matters) {
  std::string body(5000, 'x');
  std::set<std::string> seen{etag_of(body), etag_of(body.substr(1))};
  for (std::size_t at = 0; at < body.size(); at += 7) {
    body[at] = 'y';
    EXPECT_TRUE(seen.insert(etag_of(body)).second) << at;
  }
}

TEST(etag, the_compressed_form_has_its_own) { EXPECT_EQ(gzip_tag("\"abc\""), "\"abc-gzip\""); }

}  // namespace
}  // namespace gateway::etag_test
