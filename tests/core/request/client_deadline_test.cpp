// The deadlines that clients send.
#include "core/request/client_deadline.hpp"

#include <gtest/gtest.h>

namespace gateway::client_deadline_test {
namespace {

using namespace std::chrono_literals;
using span = std::optional<std::chrono::nanoseconds>;

struct row {
  std::string_view request_timeout;
  span expected;
};

TEST(client_deadline, every_form) {
  static constexpr row rows[] = {
      {"", {}},
      {"2", 2s},
      {"2.5", 2500ms},
      {"2s", 2s},
      {"2500ms", 2500ms},
      {"0.25s", 250ms},
      {"999999999999", 24h},
      // An unreadable value is ignored.
      {"0", {}},
      {"-1", {}},
      {"+1", {}},
      {"1e3", {}},
      {"0x10", {}},
      {"nan", {}},
      {"inf", {}},
      {"1 s", {}},
      {"1m", {}},
      {"ms", {}},
      {"s", {}},
      {"2,3", {}},
  };
  for (auto const& one : rows) EXPECT_EQ(client_deadline(one.request_timeout), one.expected) << one.request_timeout;
}

}  // namespace
}  // namespace gateway::client_deadline_test
