#include "app/admin/lever_order.hpp"

#include <gtest/gtest.h>

namespace gateway::lever_order_test {
namespace {

using namespace std::chrono_literals;
using command = lever_command;
using kind = lever::kind;

TEST(lever_order, each_command_has_its_defaults) {
  std::string why_not;
  struct {
    command which;
    const char* query;
    kind what;
    bool sets;
    std::string_view account;
    std::uint64_t limit;
    std::chrono::nanoseconds lasts;
    std::string_view upstream;
  } const table[] = {
      {command::pause, "", kind::pause, true, "", 0, 10min, ""},
      {command::pause, "for=1s&upstream=eu", kind::pause, true, "", 0, 1s, "eu"},
      {command::pause, "for=24h", kind::pause, true, "", 0, 24h, ""},
      {command::resume, "", kind::pause, false, "", 0, 0ns, ""},
      {command::resume, "upstream=default", kind::pause, false, "", 0, 0ns, "default"},
      {command::limit, "account=main&limit=5", kind::limit, true, "main", 5, 1h, ""},
      {command::limit, "limit=1&for=90s&account=a%2Db", kind::limit, true, "a-b", 1, 90s, ""},
      {command::limit, "account=main&limit=auto", kind::limit, false, "main", 0, 0ns, ""},
      {command::circuit, "account=0123abcd&state=open", kind::circuit, true, "0123abcd", 0, 10min, ""},
      {command::circuit, "account=main&state=close&upstream=eu", kind::circuit, false, "main", 0, 0ns, "eu"},
  };
  for (auto const& row : table) {
    auto const made = read_lever(row.which, row.query, why_not);
    ASSERT_TRUE(made) << row.query << ": " << why_not;
    EXPECT_EQ(made->what, row.what) << row.query;
    EXPECT_EQ(made->sets, row.sets) << row.query;
    EXPECT_EQ(made->account, row.account) << row.query;
    EXPECT_EQ(made->limit, row.limit) << row.query;
    EXPECT_EQ(made->lasts, row.lasts) << row.query;
    EXPECT_EQ(made->upstream, row.upstream) << row.query;
  }
}

TEST(lever_order, what_is_wrong_is_refused_with_what_is_right) {
  struct {
    command which;
    const char *query, *right;
  } const table[] = {
      {command::pause, "for=25h", "from 1s to 24h"},
      {command::pause, "for=999ms", "from 1s to 24h"},
      {command::pause, "for=10", "from 1s to 24h"},
      {command::pause, "for=-1s", "from 1s to 24h"},
      {command::pause, "for=1s&for=2s", "for=10m and upstream=NAME"},
      {command::pause, "account=main", "for=10m and upstream=NAME"},
      {command::pause, "state=open", "for=10m and upstream=NAME"},
      {command::pause, "upstream=", "for=10m and upstream=NAME"},
      {command::resume, "for=1s", "only parameter is upstream"},
      {command::limit, "", "account=NAME, and limit=N"},
      {command::limit, "account=main", "account=NAME, and limit=N"},
      {command::limit, "limit=5", "account=NAME, and limit=N"},
      {command::limit, "account=main&limit=0", "account=NAME, and limit=N"},
      {command::limit, "account=main&limit=many", "account=NAME, and limit=N"},
      {command::limit, "account=main&limit=5&limit=6", "account=NAME, and limit=N"},
      {command::limit, "account=main&limit=auto&for=1h", "account=NAME, and limit=N"},
      {command::limit, "account=main&limit=5&for=2d", "from 1s to 24h"},
      {command::circuit, "account=main&state=half", "state=open or state=close"},
      {command::circuit, "account=main&state=close&for=1m", "state=open or state=close"},
      {command::circuit, "account=main&limit=5", "state=open or state=close"},
  };
  for (auto const& row : table) {
    std::string why_not;
    EXPECT_FALSE(read_lever(row.which, row.query, why_not)) << row.query;
    EXPECT_NE(why_not.find(row.right), std::string::npos) << row.query << ": " << why_not;
  }
}

}  // namespace
}  // namespace gateway::lever_order_test
