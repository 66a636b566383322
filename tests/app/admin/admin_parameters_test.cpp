#include "app/admin/admin_parameters.hpp"

#include <gtest/gtest.h>

namespace gateway::test::admin_parameters_test {
namespace {

using namespace std::chrono_literals;

std::string sid(std::string_view kind, char digit) { return std::string{kind} + std::string(32, digit); }

TEST(admin_parameters, a_purge_names_exactly_one_scope) {
  auto const call = read_purge("call_sid=" + sid("CA", '1'));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->what.call, call_sid::parse(sid("CA", '1')));
  EXPECT_FALSE(call->what.account);
  EXPECT_EQ(call->how, purge_depth::soft);
  auto const account = read_purge("hard=true&account_sid=" + sid("AC", '2'));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->what.account, account_sid::parse(sid("AC", '2')));
  EXPECT_EQ(account->how, purge_depth::hard);
  auto const all = read_purge("all=true&hard=false");
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->what.call || all->what.account);
  for (auto const& refused : {std::string{}, std::string{"hard=true"}, std::string{"all=false"}, std::string{"all=true&all=true"},
                              "call_sid=" + sid("CA", '1') + "&all=true", "call_sid=" + sid("AC", '1'), std::string{"call_sid=CA1"},
                              std::string{"all=true&hard=yes"}, std::string{"all=true&harder=true"}})
    EXPECT_FALSE(read_purge(refused)) << refused;
}

TEST(admin_parameters, explain_takes_a_call_and_perhaps_a_state) {
  auto const call = "call_sid=" + sid("CA", '1');
  ASSERT_TRUE(read_explain(call));
  EXPECT_EQ(read_explain(call)->state, processing_state::absent);
  ASSERT_TRUE(read_explain("state=partial&" + call));
  EXPECT_EQ(read_explain("state=partial&" + call)->state, processing_state::partial);
  EXPECT_EQ(read_explain("state=partial&" + call)->call, *call_sid::parse(sid("CA", '1')));
  EXPECT_EQ(read_explain(call + "&client=a%20b")->client, "a b");
  for (auto const& refused :
       {std::string{}, std::string{"state=all"}, std::string{"call_sid=CA1"}, call + "&state=done", call + "&x=all", call + "&client="})
    EXPECT_FALSE(read_explain(refused)) << refused;
}

TEST(admin_parameters, slow_has_defaults_and_bounds) {
  std::string why_not;
  auto const usual = read_slow("", why_not);
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->wanted.min, 0ns);
  EXPECT_EQ(usual->wanted.client, "");
  EXPECT_FALSE(usual->wanted.why || usual->wanted.ended);
  EXPECT_EQ(usual->limit, 100U);
  auto const some = read_slow("min=50ms&limit=1000&client=uid%201000&fault=upstream_busy&outcome=shed", why_not);
  ASSERT_TRUE(some) << why_not;
  EXPECT_EQ(some->wanted.min, 50ms);
  EXPECT_EQ(some->wanted.client, "uid 1000");
  EXPECT_EQ(some->wanted.why, fault::upstream_busy);
  EXPECT_EQ(some->wanted.ended, outcome::shed);
  EXPECT_EQ(some->limit, 1000U);
}

TEST(admin_parameters, what_is_wrong_with_slow_is_said_with_what_is_right) {
  struct {
    const char *query, *right;
  } const table[] = {
      {"limit=0", "limit is a number"},
      {"limit=1001", "limit is a number"},
      {"limit=x", "limit is a number"},
      {"limit=0&limit=5", "limit is a number"},
      {"min=50", "min is a duration, as 50ms"},
      {"client=", "client is a client as /api/clients names it"},
      {"fault=upstream", "Gateway-Fault, such as upstream_busy"},
      {"fault=", "Gateway-Fault, such as upstream_busy"},
      {"outcome=Shed", "one of hit, stale, negative_hit, miss, coalesced, bypass, held, rejected, shed, failed."},
      {"most=5", "The parameters are min, client, fault, outcome and limit."},
  };
  for (auto const& [query, right] : table) {
    std::string why_not;
    EXPECT_FALSE(read_slow(query, why_not)) << query;
    EXPECT_NE(why_not.find(right), std::string::npos) << query << ": " << why_not;
  }
}

TEST(admin_parameters, stats_may_begin_after_a_sample) {
  EXPECT_EQ(read_events(""), 0U);
  EXPECT_EQ(read_events("since=17"), 17U);
  for (auto const* const refused : {"since=-1", "after=1"}) EXPECT_FALSE(read_events(refused)) << refused;
  EXPECT_EQ(read_stats(""), 0U);
  EXPECT_EQ(read_stats("after=17"), 17U);
  for (auto const* const refused : {"after=-1", "after=", "before=17", "before=1&after=17"}) EXPECT_FALSE(read_stats(refused)) << refused;
}

}  // namespace
}  // namespace gateway::test::admin_parameters_test
