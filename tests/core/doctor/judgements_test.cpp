// What each check means, and what would be right.
#include "core/doctor/judgements.hpp"

#include <gtest/gtest.h>

#include "core/doctor/finding.hpp"

namespace gateway::judgements_test {
namespace {

using namespace std::chrono_literals;
using step = way_report::step;

auto const moment = *parse_rfc3339("2026-11-30T12:00:00Z");
way_settings const named{"upstream.url", "upstream.ca_file", "upstream.proxy", "upstream.proxy_credential_file"};

way_report way(step ended_at, bool by_proxy = false) {
  way_report made;
  made.ended_at = ended_at;
  made.dialled = "insights.twilio.com:443";
  made.by_proxy = by_proxy;
  made.addresses = ended_at == step::name ? 0 : 2;
  made.protocol = "TLSv1.3";
  made.life = {moment - 24h * 30, moment + 24h * 60};
  return made;
}

std::string marks(const std::vector<finding>& all) {
  std::string text;
  for (auto const& one : all) text.append(text.empty() ? "" : " ").append(one.check).append("=").append(name_of(one.is));
  return text;
}

TEST(doctor, a_way_has_a_line_for_each_step_and_stops_where_it_failed) {
  struct {
    step ended_at;
    bool by_proxy;
    const char* lines;
  } const table[] = {
      {step::open, false, "u name=ok u connection=ok u TLS=ok"},
      {step::open, true, "u name=ok u connection=ok u egress=ok u TLS=ok"},
      {step::name, false, "u name=fail u connection=skipped u TLS=skipped"},
      {step::name, true, "u name=fail u connection=skipped u egress=skipped u TLS=skipped"},
      {step::connection, false, "u name=ok u connection=fail u TLS=skipped"},
      {step::tunnel, true, "u name=ok u connection=ok u egress=fail u TLS=skipped"},
      {step::handshake, false, "u name=ok u connection=ok u TLS=fail"},
      {step::handshake, true, "u name=ok u connection=ok u egress=ok u TLS=fail"},
  };
  for (auto const& row : table) EXPECT_EQ(marks(judge_way("u", way(row.ended_at, row.by_proxy), named, moment)), row.lines);
}

TEST(doctor, what_is_wrong_with_tls_has_its_own_advice) {
  struct {
    const char *cause, *advice;
  } const table[] = {
      {"certificate has expired", "new certificate"},
      {"certificate is not yet valid", "clock of this machine"},
      {"hostname mismatch", "upstream.url must name the host"},
      {"self-signed certificate in certificate chain", "upstream.ca_file"},
      {"unable to get local issuer certificate", "upstream.ca_file"},
      {"tlsv1 alert protocol version", "check upstream.url"},
  };
  for (auto const& row : table) {
    auto broken = way(step::handshake);
    broken.cause = row.cause;
    broken.failed = fault::upstream_tls;
    auto const last = judge_way("u", broken, named, moment).back();
    EXPECT_EQ(last.seen, row.cause);
    EXPECT_NE(last.right.find(row.advice), std::string::npos) << last.right;
  }
  auto silent = way(step::handshake);
  silent.failed = fault::upstream_timeout;
  silent.cause = "no answer in time";
  EXPECT_NE(judge_way("u", silent, named, moment).back().right.find("is it a TLS server"), std::string::npos);
}

TEST(doctor, a_certificate_that_ends_soon_is_a_warning) {
  auto ending = way(step::open);
  ending.life.end = moment + 24h * 3;
  auto const last = judge_way("u", ending, named, moment).back();
  EXPECT_EQ(last.is, health::warn);
  EXPECT_NE(last.seen.find("TLSv1.3, chain and name are good, for 3 days"), std::string::npos) << last.seen;
  ending.has_tls = false;
  EXPECT_EQ(judge_way("u", ending, named, moment).back().is, health::skipped);
  EXPECT_EQ(judge_own_certificate("c", ending.life, moment).is, health::warn);
  EXPECT_EQ(judge_own_certificate("c", ending.life, moment + 24h * 4).is, health::fail);
  EXPECT_EQ(judge_own_certificate("c", {moment - 24h, moment + 24h * 365}, moment).is, health::ok);
  EXPECT_EQ(judge_own_certificate("c", {moment + 24h, moment + 24h * 365}, moment).is, health::fail);
}

TEST(doctor, the_egress_proxy_says_why) {
  auto refused = way(step::tunnel, true);
  refused.failed = fault::egress_auth;
  refused.cause = "it answered with status 407";
  EXPECT_NE(judge_way("u", refused, named, moment)[2].right.find("upstream.proxy_credential_file"), std::string::npos);
  refused.failed = fault::egress_refused;
  refused.cause = "it answered with status 403";
  auto const line = judge_way("u", refused, named, moment)[2];
  EXPECT_NE(line.seen.find("403"), std::string::npos);
  EXPECT_NE(line.right.find("allow CONNECT"), std::string::npos);
}

TEST(doctor, only_twilio_answers_as_twilio_does) {
  struct {
    std::optional<fault> failed;
    int status, code;
    health is;
  } const table[] = {
      {std::nullopt, 401, 20003, health::ok},         {std::nullopt, 429, 20429, health::warn}, {std::nullopt, 503, 0, health::warn},
      {std::nullopt, 200, 0, health::fail},           {std::nullopt, 401, 0, health::fail},     {std::nullopt, 302, 0, health::fail},
      {fault::upstream_protocol, 0, 0, health::fail},
  };
  for (auto const& row : table)
    EXPECT_EQ(judge_answer_without_credential("u", row.failed, row.status, row.code, "upstream.url").is, row.is)
        << row.status << "/" << row.code;
}

TEST(doctor, the_clock_may_be_a_little_wrong) {
  struct {
    std::chrono::seconds ahead;  // of the upstream
    health is;
    const char* seen;
  } const table[] = {
      {0s, health::ok, "agrees"},
      {5s, health::ok, "agrees"},
      {-5s, health::ok, "agrees"},
      {20s, health::warn, "ahead of the upstream"},
      {-20s, health::warn, "20 s behind"},
      {3600s, health::fail, "3599 s ahead of"},
      {-3600s, health::fail, "3600 s behind"},
  };
  for (auto const& row : table) {
    auto const line = judge_clock("u", http_date(moment), moment + row.ahead, moment + row.ahead);
    EXPECT_EQ(line.is, row.is) << row.ahead.count();
    EXPECT_NE(line.seen.find(row.seen), std::string::npos) << line.seen;
  }
  EXPECT_EQ(judge_clock("u", http_date(moment), moment - 30s, moment + 30s).is, health::ok) << "it was slow, that is all";
  EXPECT_EQ(judge_clock("u", "", moment, moment).is, health::skipped);
  EXPECT_EQ(judge_clock("u", "yesterday", moment, moment).is, health::skipped);
}

TEST(doctor, a_credential_is_accepted_or_refused_for_a_reason) {
  struct {
    int status, code;
    verdict_kind means;
    health is;
    const char* seen;
  } const table[] = {
      {404, 20404, verdict_kind::absent, health::ok, "accepted (404, code 20404"},
      {404, 17001, verdict_kind::not_ready, health::ok, "accepted"},
      {200, 0, verdict_kind::found, health::ok, "accepted (200"},
      {403, 17000, verdict_kind::refused, health::warn, "not for Voice Insights"},
      {401, 20003, verdict_kind::refused, health::fail, "refused (401, code 20003)"},
      {401, 70051, verdict_kind::refused, health::fail, "restricted key"},
      {403, 20403, verdict_kind::refused, health::fail, "suspended"},
      {401, 0, verdict_kind::refused, health::fail, "refused (401)"},
      {429, 20429, verdict_kind::throttled, health::warn, "limit is used up"},
      {500, 0, verdict_kind::broken, health::warn, "not clear"},
      {404, 0, verdict_kind::rejected, health::warn, "not clear"},
  };
  for (auto const& row : table) {
    verdict meaning;
    meaning.is = row.means;
    meaning.code = row.code;
    auto const line = judge_credential("account main", std::nullopt, row.status, meaning, "its credential_file");
    EXPECT_EQ(line.is, row.is) << row.status << "/" << row.code;
    EXPECT_NE(line.seen.find(row.seen), std::string::npos) << line.seen;
  }
  EXPECT_EQ(judge_credential("a", fault::upstream_timeout, 0, {}, "f").is, health::fail);
  EXPECT_EQ(judge_token("a", token_result::issued, "").is, health::ok);
  EXPECT_NE(judge_token("a", token_result::client_refused, "invalid_client").right.find("client_secret_file"), std::string::npos);
  EXPECT_EQ(judge_token("a", token_result::failed, "").is, health::fail);
}

TEST(doctor, the_engine_evicts_what_may_be_lost_and_is_new_enough) {
  EXPECT_EQ(judge_engine("e:6379", "").is, health::ok);
  EXPECT_NE(judge_engine("e:6379", "the password is wrong").right.find("fleet.password_file"), std::string::npos);
  struct {
    const char *eviction, *version, *lines;
  } const table[] = {
      {"volatile-lru", "7.0.15", "engine eviction=ok engine version=ok"},
      {"allkeys-lru", "6.2.0", "engine eviction=warn engine version=ok"},
      {"", "6.0.16", "engine eviction=ok engine version=fail"},
      {"noeviction", "5.0.14", "engine eviction=ok engine version=fail"},
      {"noeviction", "8.1", "engine eviction=ok engine version=ok"},
      {"", "", "engine eviction=ok engine version=skipped"},
      {"", "unstable", "engine eviction=ok engine version=skipped"},
  };
  for (auto const& row : table) EXPECT_EQ(marks(judge_engine_kind(row.eviction, row.version)), row.lines) << row.version;
}

TEST(doctor, an_unsigned_delivery_must_be_refused_by_this_gateway) {
  EXPECT_EQ(judge_webhook(std::nullopt, 403, "event_signature").is, health::ok);
  EXPECT_EQ(judge_webhook(std::nullopt, 403, "").is, health::fail) << "somebody else's 403";
  EXPECT_NE(judge_webhook(std::nullopt, 404, "event_path").right.find("path is changed"), std::string::npos);
  EXPECT_NE(judge_webhook(std::nullopt, 204, "").right.find("does not check signatures"), std::string::npos);
  EXPECT_EQ(judge_webhook(std::nullopt, 502, "").is, health::fail);
  EXPECT_EQ(judge_webhook(fault::upstream_timeout, 0, "").is, health::fail);
}

TEST(doctor, findings_are_one_line_each_and_one_failure_is_enough) {
  std::vector<finding> all{{"a", health::ok, "is so"}, {"longer", health::warn, "is so", "would be \"so\""}};
  EXPECT_FALSE(any_failed(all));
  EXPECT_EQ(findings_text(all), "ok       a       is so\nwarn     longer  is so; would be \"so\"\n");
  EXPECT_EQ(
      findings_json(all),
      R"({"healthy":true,"checks":[{"check":"a","is":"ok","seen":"is so"},{"check":"longer","is":"warn","seen":"is so","right":"would be \"so\""}]})"
      "\n");
  all.push_back({"b", health::fail, "is not"});
  EXPECT_TRUE(any_failed(all));
}

}  // namespace
}  // namespace gateway::judgements_test
