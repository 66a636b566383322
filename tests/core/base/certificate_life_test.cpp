#include "core/base/certificate_life.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace gateway::certificate_life_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

wall_time at(std::chrono::nanoseconds since_2026) { return *parse_rfc3339("2026-01-01T00:00:00Z") + since_2026; }

TEST(certificate_life, is_judged_by_the_moment) {
  struct row {
    std::chrono::nanoseconds lasts, now;
    std::string_view remark;
  };
  static constexpr row rows[] = {
      {days{90}, -1s, "the certificate is not valid before Thu, 01 Jan 2026 00:00:00 GMT; until then clients refuse it"},
      {days{90}, 0s, ""},
      {days{90}, days{76}, ""},
      {days{90}, days{76} + 1s, "the certificate expires on Wed, 01 Apr 2026 00:00:00 GMT; renew it"},
      {days{90}, days{90} - 1s, "the certificate expires on Wed, 01 Apr 2026 00:00:00 GMT; renew it"},
      {days{90}, days{90}, "the certificate has expired on Wed, 01 Apr 2026 00:00:00 GMT; clients refuse it"},
      {24h, 20h, ""},
      {24h, 20h + 1s, "the certificate expires on Fri, 02 Jan 2026 00:00:00 GMT; renew it"},
  };
  for (auto const& r : rows) EXPECT_EQ(remark_on({at(0s), at(r.lasts)}, at(r.now)), r.remark) << r.lasts.count() << ' ' << r.now.count();
}

}  // namespace
}  // namespace gateway::certificate_life_test
