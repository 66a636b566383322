// The deadlines that clients send.
#include "core/request/client_deadline.hpp"

#include <gtest/gtest.h>

namespace gateway::client_deadline_test {
namespace {

using namespace std::chrono_literals;
using span = std::optional<std::chrono::nanoseconds>;

struct row {
  std::string_view request_timeout, prefer;
  span expected;
};

TEST(client_deadline, every_form) {
  static constexpr row rows[] = {
      {"", "", {}},
      {"2", "", 2s},
      {"2.5", "", 2500ms},
      {"2s", "", 2s},
      {"2500ms", "", 2500ms},
      {"0.25s", "", 250ms},
      {"999999999999", "", 24h},
      // An unreadable value is ignored.
      {"0", "", {}},
      {"-1", "", {}},
      {"+1", "", {}},
      {"1e3", "", {}},
      {"0x10", "", {}},
      {"nan", "", {}},
      {"inf", "", {}},
      {"1 s", "", {}},
      {"1m", "", {}},
      {"ms", "", {}},
      {"s", "", {}},
      {"2,3", "", {}},
      // RFC 7240.
      {"", "wait=3", 3s},
      {"", "WAIT = 3", 3s},
      {"", "wait=\"3\"", 3s},
      {"", "respond-async, wait=3", 3s},
      {"", "return=minimal; foo=bar, wait=3; x", 3s},
      {"", "wait=5, wait=3", 3s},
      {"", "wait", {}},
      {"", "wait=0", {}},
      {"", "wait=3.5", {}},
      {"", "wait=-3", {}},
      {"", "await=3", {}},
      {"", "foo=\"wait=3\"", {}},
      {"", "wait=99999999999999999999", 24h},
      // The shorter one counts.
      {"2", "wait=3", 2s},
      {"4", "wait=3", 3s},
      {"rubbish", "wait=3", 3s},
  };
  for (auto const& one : rows)
    EXPECT_EQ(client_deadline(one.request_timeout, one.prefer), one.expected) << one.request_timeout << " | " << one.prefer;
}

}  // namespace
}  // namespace gateway::client_deadline_test
