#include "core/request/accept_encoding.hpp"

#include <gtest/gtest.h>

namespace gateway::accept_encoding_test {
namespace {

TEST(accept_encoding, who_is_sent_gzip) {
  struct row {
    std::string_view value;
    bool gzip;
  };
  static constexpr row rows[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"gzip, compress, deflate, br", true},  // Twilio's SDK for Node
      {"gzip, deflate", true},                // Python requests
      {"br , gzip", true},
      {"gzip;q=1", true},
      {"gzip;q=1.000", true},
      {"gzip;q=0.001", true},
      {"gzip ; Q=0.5", true},
      {"gzip;q=0.5, *;q=0", true},
      {"gzip, identity;q=0", true},
      {"gzip;q=0.5, identity;q=0.5", true},
      {"", false},
      {"utf-8", false},  // Twilio's SDKs for Java and C#
      {"identity", false},
      {"identity;q=0", false},  // this is not a reason to refuse the request
      {"*", false},
      {"*;q=0.5", false},
      {"gzip;q=0", false},
      {"gzip;q=0.0", false},
      {"gzip;q=0.000, *", false},
      {"gzip;q=0.5, identity", false},
      {"gzip;q=2", false},
      {"gzip;q=1.001", false},
      {"gzip;q=-1", false},
      {"gzip;q=", false},
      {"gzip;q=.5", false},
      {"gzip;q=0.1234", false},
      {"gzip;q=high", false},
      {"gzip;level=9", false},
      {"gzipped", false},
      {"\"gzip\"", false},
      {"deflate, br, zstd", false},
  };
  for (auto const& r : rows) EXPECT_EQ(accepts_gzip(field_lines{r.value}), r.gzip) << r.value;
}

TEST(accept_encoding, several_lines_are_one_list) {
  field_lines lines{"br"};
  EXPECT_FALSE(accepts_gzip(lines));
  lines.add("gzip");
  EXPECT_TRUE(accepts_gzip(lines));
  EXPECT_FALSE(accepts_gzip({}));
}

}  // namespace
}  // namespace gateway::accept_encoding_test
