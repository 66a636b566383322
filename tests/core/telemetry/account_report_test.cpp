#include "core/telemetry/account_report.hpp"

#include <gtest/gtest.h>

namespace gateway::test::account_report_test {
namespace {

using namespace std::chrono_literals;
using sort = circuit_name::sort;

std::string text_of(const account_report& report) {
  std::string text;
  report.append(text);
  return text;
}

account_report::about named(std::uint64_t account) { return {"account-" + std::to_string(account), account == 9}; }

upstream_limiter::busiest two_accounts() {
  upstream_limiter::busiest those;
  those.known = 7;
  those.accounts.push_back({1, 12, 3, 2, {}});
  those.accounts.back().circuits.push_back({{sort::cool_down, 1}, false, 2500ms, {}, false, {}, 3001ms});
  those.accounts.push_back({9, 40, 0, 0, {}});
  return those;
}

TEST(account_report, of_nothing_is_empty) { EXPECT_EQ(text_of({}), R"({"known":0,"ways":[],"shown":[]})"); }

TEST(account_report, has_the_limits_and_circuits_of_each_account_refused_ones_first) {
  account_report report;
  report.add("", two_accounts(), named);
  EXPECT_EQ(text_of(report), R"({"known":7,"ways":[],"shown":[)"
                             R"({"account":"account-9","limit":40,"in_flight":0,"waiting":0,"credential_refused":true,"circuits":[]},)"
                             R"({"account":"account-1","limit":12,"in_flight":3,"waiting":2,"credential_refused":false,"circuits":[)"
                             R"({"circuit":"cool_down","state":"open","since_s":2,"probe":"none","probe_in_ms":3001}]}]})");
}

TEST(account_report, names_the_upstreams_if_there_are_several) {
  account_report report;
  report.add("main", two_accounts(), named);
  upstream_limiter::busiest ireland;
  ireland.way = circuit_figures{{}, true, 9s, circuit_word::prober::self, false, fault::upstream_tls, 0s};
  ireland.known = 1;
  report.add("ireland", ireland, named);
  auto const text = text_of(report);
  EXPECT_NE(text.find(R"("known":8,"ways":[{"upstream":"ireland","circuit":"host","state":"half_open","since_s":9,"probe":"this",)"
                      R"("probe_in_ms":0,"cause":"upstream_tls"}])"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"({"upstream":"main","account":"account-1",)"), std::string::npos) << text;
}

}  // namespace
}  // namespace gateway::test::account_report_test
