#include "core/settings/probe_target.hpp"

#include <gtest/gtest.h>

namespace gateway::probe_target_test {
namespace {

std::string in_words(std::string_view url) {
  auto const what = parse_probe_target(url);
  if (!what) return "refused";
  auto const& to = what->where;
  return (to.is_unix() ? to.unix_path : to.address + " " + std::to_string(to.port)) + " " + what->path;
}

TEST(probe_target, addresses_and_paths) {
  struct row {
    std::string_view url, expected;
  };
  static constexpr row rows[] = {
      {"http://127.0.0.1:9464/livez", "127.0.0.1 9464 /livez"},
      {"http://127.0.0.1:9464", "127.0.0.1 9464 /readyz"},
      {"http://127.0.0.1:9464/", "127.0.0.1 9464 /readyz"},
      {"http://localhost:9464/livez", "127.0.0.1 9464 /livez"},
      {"http://[::1]:9464/livez?a=b", "::1 9464 /livez?a=b"},
      {"unix:/run/admin.sock", "/run/admin.sock /readyz"},
      {"unix:/run/admin.sock:/livez", "/run/admin.sock /livez"},
      {"https://127.0.0.1:9464/livez", "refused"},
      {"http://127.0.0.1/livez", "refused"},
      {"http://example.com:80/", "refused"},
      {"http://127.0.0.1:9464/a b", "refused"},
      {"http://127.0.0.1:9464/a\r\nX: y", "refused"},
      {"127.0.0.1:9464", "refused"},
      {"unix:", "refused"},
      {"", "refused"},
  };
  for (auto const& [url, expected] : rows) EXPECT_EQ(in_words(url), expected) << url;
}

}  // namespace
}  // namespace gateway::probe_target_test
