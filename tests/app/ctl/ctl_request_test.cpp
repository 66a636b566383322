// The words of `summary-gateway ctl`, and the request that they mean.
#include "app/ctl/ctl_request.hpp"

#include <gtest/gtest.h>

namespace gateway::ctl_request_test {
namespace {

using words = std::vector<std::string_view>;

constexpr auto call = "CA00000000000000000000000000000001";

std::string request_of(const words& given) {
  std::string why_not;
  auto const made = parse_ctl(given, why_not);
  return made ? std::string{made->method} + " " + made->target : "64 " + why_not;
}

TEST(ctl_request, each_command_is_one_request) {
  EXPECT_EQ(request_of({"status"}), "GET /api/stats");
  EXPECT_EQ(request_of({"explain", call}), std::string{"GET /api/explain?call_sid="} + call);
  EXPECT_EQ(request_of({"explain", call, "--state", "partial"}), std::string{"GET /api/explain?call_sid="} + call + "&state=partial");
  EXPECT_EQ(request_of({"slow"}), "GET /api/slow");
  EXPECT_EQ(request_of({"slow", "--min=50ms", "--limit", "3"}), "GET /api/slow?min=50ms&limit=3");
  EXPECT_EQ(request_of({"slow", "--client", "uid 1000", "--fault=upstream_busy", "--outcome", "shed"}),
            "GET /api/slow?client=uid%201000&fault=upstream_busy&outcome=shed");
  EXPECT_EQ(request_of({"slow", "--client", "a&limit=0"}), "GET /api/slow?client=a%26limit%3D0") << "one value, whatever it holds";
  EXPECT_EQ(request_of({"clients"}), "GET /api/clients");
  EXPECT_EQ(request_of({"fleet"}), "GET /api/fleet");
  EXPECT_EQ(request_of({"config"}), "GET /api/config");
  EXPECT_EQ(request_of({"events"}), "GET /api/events");
  EXPECT_EQ(request_of({"events", "--since", "7"}), "GET /api/events?since=7");
  EXPECT_EQ(request_of({"audit", "--since=7"}), "GET /api/audit?since=7");
  EXPECT_EQ(request_of({"whoami"}), "GET /api/whoami");
  EXPECT_EQ(request_of({"reload"}), "POST /api/reload");
  EXPECT_EQ(request_of({"purge", "--call", call}), std::string{"POST /api/purge?call_sid="} + call);
  EXPECT_EQ(request_of({"purge", "--account=AC00000000000000000000000000000001", "--hard"}),
            "POST /api/purge?account_sid=AC00000000000000000000000000000001&hard=true");
  EXPECT_EQ(request_of({"--all", "purge"}), "POST /api/purge?all=true");
  EXPECT_EQ(request_of({"erase", "--number-file", "n"}), "POST /api/erase") << "the file is read later, and nothing of it is in the URL";
  EXPECT_EQ(request_of({"--number-file=n", "erase"}), "POST /api/erase");
  EXPECT_EQ(request_of({"erasures"}), "GET /api/erasures");
  EXPECT_EQ(request_of({"pause"}), "POST /api/pause");
  EXPECT_EQ(request_of({"pause", "--for", "10m", "--upstream=eu"}), "POST /api/pause?for=10m&upstream=eu");
  EXPECT_EQ(request_of({"resume"}), "POST /api/resume");
  EXPECT_EQ(request_of({"limit", "main", "5", "--for=1h"}), "POST /api/limit?account=main&limit=5&for=1h");
  EXPECT_EQ(request_of({"--for", "1h", "limit", "main", "5"}), "POST /api/limit?for=1h&account=main&limit=5");
  EXPECT_EQ(request_of({"limit", "main", "auto"}), "POST /api/limit?account=main&limit=auto");
  EXPECT_EQ(request_of({"circuit", "main", "open"}), "POST /api/circuit?account=main&state=open");
  EXPECT_EQ(request_of({"circuit", "0123abcd", "close"}), "POST /api/circuit?account=0123abcd&state=close");
}

TEST(ctl_request, says_which_gateway) {
  std::string why_not;
  auto const by_address = parse_ctl({"--admin", "127.0.0.1:1", "--token-file=t", "status", "--json"}, why_not);
  ASSERT_TRUE(by_address) << why_not;
  EXPECT_EQ(by_address->admin, "127.0.0.1:1");
  EXPECT_EQ(by_address->token_file, "t");
  EXPECT_TRUE(by_address->as_json);
  EXPECT_EQ(by_address->shown, ctl_request::view::status);
  auto const by_tls = parse_ctl({"--admin", "127.0.0.1:1", "--server-certificate=s", "--certificate", "c", "--key=k", "whoami"}, why_not);
  ASSERT_TRUE(by_tls) << why_not;
  EXPECT_EQ(by_tls->tls.server + by_tls->tls.certificate + by_tls->tls.key, "sck");
  auto const by_settings = parse_ctl({"clients", "--config", "g.yaml"}, why_not);
  ASSERT_TRUE(by_settings) << why_not;
  EXPECT_EQ(by_settings->config, "g.yaml");
  EXPECT_FALSE(by_settings->as_json);
}

TEST(ctl_request, what_is_wrong_is_said_and_nothing_is_asked) {
  struct {
    words given;
    std::string_view said;
  } const table[] = {
      {{}, "a command is missing"},
      {{"--json"}, "a command is missing"},
      {{"stats"}, "unknown command 'stats'; there are status, explain"},
      {{"status", "--verbose"}, "unknown option '--verbose'"},
      {{"status", "-v"}, "unknown option '-v'"},
      {{"status", "now"}, "status does not take 'now'"},
      {{"status", "--hard"}, "status does not take --hard"},
      {{"purge", call}, "purge does not take"},
      {{"purge"}, "usage: summary-gateway ctl purge --call"},
      {{"purge", "--hard"}, "usage: summary-gateway ctl purge --call"},
      {{"purge", "--all", "--call", call}, "usage: summary-gateway ctl purge --call"},
      {{"purge", "--all=no"}, "--all takes no value"},
      {{"purge", "--call", "CA1"}, "usage: summary-gateway ctl purge --call"},
      {{"purge", "--call"}, "--call needs a value"},
      {{"whoami", "--server-certificate=s"}, "--server-certificate goes with --admin"},
      {{"whoami", "--certificate=c"}, "--certificate and --key go together"},
      {{"purge", "--call", "a&all=true"}, "--call takes letters"},
      {{"explain"}, "usage: summary-gateway ctl explain CA..."},
      {{"pause", "now"}, "pause does not take 'now'"},
      {{"pause", "--for", "2d"}, "usage: summary-gateway ctl pause [--for"},
      {{"limit", "main"}, "usage: summary-gateway ctl limit ACCOUNT N"},
      {{"limit", "main", "5", "6"}, "limit does not take '6'"},
      {{"circuit", "main", "half"}, "usage: summary-gateway ctl circuit ACCOUNT"},
      {{"explain", "CA1"}, "usage: summary-gateway ctl explain CA..."},
      {{"explain", "x y"}, "explain does not take 'x y'"},
      {{"explain", call, "--state", "COMPLETE"}, "usage: summary-gateway ctl explain CA..."},
      {{"slow", "--min", "fast"}, "usage: summary-gateway ctl slow"},
      {{"slow", "--limit", "0"}, "usage: summary-gateway ctl slow"},
      {{"slow", "--fault", "busy"}, "usage: summary-gateway ctl slow"},
      {{"clients", "--client", "a"}, "clients does not take --client"},
      {{"status", "--config"}, "--config needs a value"},
      {{"status", "--config="}, "--config needs a value"},
      {{"status", "--config", "a", "--config", "b"}, "--config is given twice"},
      {{"status", "--config", "a", "--admin", "b"}, "give --config or --admin, not both"},
      {{"status", "--token-file", "t"}, "--token-file goes with --admin"},
  };
  for (auto const& [given, said] : table) {
    auto const got = request_of(given);
    EXPECT_TRUE(got.starts_with("64 " + std::string{said})) << got << " instead of " << said;
  }
}

TEST(ctl_request, the_help_names_every_command) {
  auto const help = ctl_usage();
  for (auto const* const name : {"status", "explain", "slow", "clients", "shadow", "fleet", "config", "purge", "reload"})
    EXPECT_NE(help.find(std::string{"\n  "} + name), std::string::npos) << name;
}

}  // namespace
}  // namespace gateway::ctl_request_test
