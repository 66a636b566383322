#include "core/reply/cache_status.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::cache_status_test {
namespace {

using namespace std::chrono_literals;
using way = cache_status::way;

TEST(cache_status, as_the_contract_spells_it) {
  struct row {
    cache_status status;
    std::string_view expected;
  };
  static const row rows[] = {
      {{way::none, {}, 0, false, false, {}}, "summary-gateway"},
      {{way::hit, 3540s, 0, false, false, {}}, "summary-gateway; hit; ttl=3540"},
      {{way::hit, 0s, 0, false, false, {}}, "summary-gateway; hit; ttl=0"},
      {{way::hit, -12s, 0, false, false, "stale_if_error"}, "summary-gateway; hit; ttl=-12; detail=stale_if_error"},
      {{way::miss, {}, 200, true, false, {}}, "summary-gateway; fwd=uri-miss; fwd-status=200; stored"},
      {{way::miss, {}, 200, true, true, {}}, "summary-gateway; fwd=uri-miss; fwd-status=200; stored; collapsed"},
      {{way::miss, {}, 0, false, true, {}}, "summary-gateway; fwd=uri-miss; collapsed"},
      {{way::request, {}, 200, true, false, {}}, "summary-gateway; fwd=request; fwd-status=200; stored"},
      {{way::stale, {}, 200, true, true, {}}, "summary-gateway; fwd=stale; fwd-status=200; stored; collapsed"},
      {{way::bypass, {}, 0, false, false, "partial"}, "summary-gateway; fwd=bypass; detail=partial"},
      {{way::bypass, {}, 200, true, false, "partial"}, "summary-gateway; fwd=bypass; detail=partial; fwd-status=200; stored"},
      {{way::bypass, {}, 200, false, false, "annotation"}, "summary-gateway; fwd=bypass; detail=annotation; fwd-status=200"},
      {{way::method, {}, 201, false, false, "annotation"}, "summary-gateway; fwd=method; detail=annotation; fwd-status=201"},
  };
  for (auto const& r : rows) {
    std::string out = "Cache-Status: ";
    append_cache_status(out, r.status);
    EXPECT_EQ(out, "Cache-Status: " + std::string{r.expected});
  }
}

}  // namespace
}  // namespace gateway::cache_status_test
