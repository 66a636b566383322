// The settings under `credentials`: the problems that mistakes cause, and that printed settings read back to the same values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "settings/settings_words.hpp"

namespace gateway::credentials_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view good = R"(listeners:
  - address: "127.0.0.1:8080"
  - address: "unix:/run/a.sock"
  - address: "127.0.0.1:8443"
    tls: { certificate: c, key: k, client_ca: ca }
credentials:
  mode: inject
  accounts:
    - name: main
      credential_file: secrets/main
    - { name: other, credential_file: "secrets/ot her" }
  clients:
    - { name: billing, account: main, token_file: tokens/billing }
    - name: reports
      account: other
      certificate: reports.internal
    - { name: deploy, account: main, unix_user: "1001" }
  allow_unauthenticated: ""
)";

std::string with(std::string_view from, std::string_view to, std::string_view text = good) {
  std::string changed{text};
  auto const at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return changed.replace(at, from.size(), to);
}

TEST(credential_settings, are_read) {
  auto const loaded = load_settings(good);
  ASSERT_EQ(problems_of(good), "");
  auto const& c = loaded.values.credentials;
  EXPECT_EQ(c.mode, credentials_mode::inject);
  ASSERT_EQ(c.accounts.size(), 2u);
  EXPECT_EQ(c.accounts[1].name, "other");
  EXPECT_EQ(c.accounts[1].credential_file, "secrets/ot her");
  ASSERT_EQ(c.clients.size(), 3u);
  EXPECT_EQ(c.clients[0].token_file, "tokens/billing");
  EXPECT_EQ(c.clients[1].account, "other");
  EXPECT_EQ(c.clients[1].certificate, "reports.internal");
  EXPECT_EQ(c.clients[2].unix_user, "1001");
}

TEST(credential_settings, print_and_read_back) {
  static constexpr std::string_view oauth =
      "oauth: { client_id: OQ1, client_secret_file: \"a b\", token_url: https://h/v2/token, ca_file: c }";
  for (auto const& text : {std::string{good}, with("credential_file: \"secrets/ot her\"", oauth),
                           with("allow_unauthenticated: \"\"", "allow_unauthenticated: other", with("127.0.0.1:8443", "[::1]:8443"))}) {
    auto const values = load_settings(text).values;
    for (bool const commented : {false, true}) {
      auto const printed = print_settings(values, commented);
      EXPECT_EQ(problems_of(printed), "") << printed;
      EXPECT_EQ(print_settings(load_settings(printed).values, commented), printed);
      EXPECT_THAT(printed, HasSubstr("    - name: reports\n      account: other\n      certificate: reports.internal\n")) << printed;
    }
  }
}

// One mistake gives one problem, at its line.
TEST(credential_settings, mistakes_are_named) {
  struct row {
    std::string yaml;
    int line;
    std::string_view key, text;
  };
  const row rows[] = {
      {with("name: main\n", "name: ma in\n"), 9, "credentials.accounts[0].name", "must be up to 64 letters"},
      {with("  allow_unauthenticated: \"\"", "  allow_unauthenticated: mian"), 18, "credentials.allow_unauthenticated",
       "did you mean 'main'?"},
      {with("account: other", "account: othr"), 15, "credentials.clients[1].account", "'othr' is no account; did you mean 'other'?"},
      {with("      account: other\n", ""), 14, "credentials.clients[1].account", "is missing"},
      {with(", credential_file: \"secrets/ot her\"", ""), 11, "credentials.accounts[1].credential_file", "is missing"},
      {with("name: other,", "name: main,", with("account: other", "account: main")), 11, "credentials.accounts[1].name",
       "is the name of an earlier one"},
      {with("name: deploy", "name: billing"), 17, "credentials.clients[2].name", "is the name of an earlier one"},
      {with(", token_file: tokens/billing", ""), 13, "credentials.clients[0].token_file",
       "needs a token_file, a certificate, a unix_user or a subject"},
      {with("token_file: tokens/billing", "token: abc, token_file: x"), 13, "credentials.clients[0].token", "is not a setting"},
      {with(", client_ca: ca", ""), 16, "credentials.clients[1].certificate", "no listener has tls.client_ca"},
      {with("unix:/run/a.sock", "127.0.0.1:81"), 17, "credentials.clients[2].unix_user", "no listener is a unix socket"},
      {with("token_file: tokens/billing", "unix_user: 1001"), 17, "credentials.clients[2].unix_user",
       "already belongs to client 'billing'"},
      {with("certificate: reports.internal", "certificate: \"*.internal\""), 16, "credentials.clients[1].certificate",
       "must be a DNS name without wildcard and trailing dot, or begin with uri: or email:, not '*.internal'"},
      {with("certificate: reports.internal", "certificate: \"uri:spiffe://prod.example/a*\""), 16, "credentials.clients[1].certificate",
       "may have a * only at its end"},
      {with("unix_user: \"1001\"", "certificate: \"dns:Reports.internal\""), 17, "credentials.clients[2].certificate",
       "'dns:reports.internal' already belongs to client 'reports'"},
      {with("127.0.0.1:8080", "0.0.0.0:8080", with("unauthenticated: \"\"", "unauthenticated: main")), 18,
       "credentials.allow_unauthenticated", "would let other machines in through '0.0.0.0:8080'"},
      {with("mode: inject", "mode: inject\n  sharing: grants"), 8, "credentials.sharing", "is for mode: forward"},
      {"credentials: { mode: inject, accounts: [{ name: a, credential_file: f }] }\n", 1, "credentials.mode", "inject needs clients"},
      {"credentials: { mode: inject, accounts: [], clients: [{ name: a }] }\n", 1, "credentials.mode", "inject needs an account"},
      {"credentials:\n  accounts:\n    - { name: a, credential_file: f }\n", 2, "credentials.accounts", "is for mode: inject"},
      {"credentials:\n  clients: [{ name: a }]\n", 2, "credentials.clients", "is for mode: inject"},
      {"credentials:\n  allow_unauthenticated: a\n", 2, "credentials.allow_unauthenticated", "is for mode: inject"},
      {"credentials:\n  accounts: main\n", 2, "credentials.accounts", "must be a list"},
      {"credentials:\n  accounts:\n    - main\n", 3, "credentials.accounts[0]", "must hold settings of its own"},
      {with("credential_file: \"secrets/ot her\"",
            "credential_file: f, oauth: { client_id: OQ1, client_secret_file: f, token_url: https://h/t }"),
       11, "credentials.accounts[1].oauth", "are both given"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_secret_file: f, token_url: https://h/t }"), 11,
       "credentials.accounts[1].oauth.client_id", "is missing"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_id: \"OQ 1\", client_secret_file: f, token_url: https://h/t }"), 11,
       "credentials.accounts[1].oauth.client_id", "must be up to 128 letters"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_id: OQ1, token_url: https://h/t }"), 11,
       "credentials.accounts[1].oauth.client_secret_file", "is missing"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_id: OQ1, client_secret_file: f }"), 11,
       "credentials.accounts[1].oauth.token_url", "Twilio's is https://oauth.twilio.com/v2/token"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_id: OQ1, client_secret_file: f, token_url: https://h }"), 11,
       "credentials.accounts[1].oauth.token_url", "must be https://HOST[:PORT]/PATH"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_id: OQ1, client_secret_file: f, token_url: http://127.0.0.1/t }"), 11,
       "credentials.accounts[1].oauth.token_url", "must be https; http is possible only with"},
      {with("credential_file: \"secrets/ot her\"", "oauth: { client_ID: OQ1 }"), 11, "credentials.accounts[1].oauth.client_ID",
       "is not a setting; did you mean 'client_id'?"},
      {with("credential_file: \"secrets/ot her\"", "oauth: OQ1"), 11, "credentials.accounts[1].oauth", "must hold settings of its own"},
      {"credentials: { sharing: all }\n", 1, "credentials.sharing", "must be one of partition, grants"},
      {"credentials: { grant_ttl: 2h }\n", 1, "credentials.grant_ttl", "must be from 1s to 1h"},
      {"credentials: { proof_lifetime: 25h }\n", 1, "credentials.proof_lifetime", "must be from 1s to 1d"},
  };
  for (auto const& r : rows) {
    auto const all = load_settings(r.yaml).problems;
    auto const found = std::ranges::find(all, r.key, &problem::key);
    ASSERT_NE(found, all.end()) << r.key << "\n" << problems_of(r.yaml) << r.yaml;
    EXPECT_EQ(found->line, r.line) << r.yaml;
    EXPECT_THAT(found->text, HasSubstr(r.text)) << r.yaml;
  }
}

constexpr std::string_view with_jwt = R"(credentials:
  mode: inject
  accounts: [{ name: main, credential_file: f }]
  clients:
    - { name: billing, account: main, subject: "system:serviceaccount:ns:billing" }
    - { name: reports, account: main, token_file: f }
  jwt:
    issuer: https://kubernetes.default.svc
    audience: summary-gateway
    jwks_file: jwks.json
    clock_skew: 10s
)";

TEST(credential_settings, jwts_of_clients) {
  ASSERT_EQ(problems_of(with_jwt), "");
  auto const values = load_settings(with_jwt).values;
  EXPECT_EQ(values.credentials.clients[0].subject, "system:serviceaccount:ns:billing");
  EXPECT_EQ(values.credentials.jwt.clock_skew, std::chrono::seconds{10});
  EXPECT_EQ(print_settings(load_settings(print_settings(values, false)).values, false), print_settings(values, false));
  struct row {
    std::string_view from, to;
    std::string_view problem;
  };
  const row rows[] = {
      {"    issuer: https://kubernetes.default.svc\n", "", "7 credentials.jwt.issuer: is missing"},
      {"    audience: summary-gateway\n", "", "7 credentials.jwt.audience: is missing"},
      {"    jwks_file: jwks.json\n", "", "7 credentials.jwt.jwks_file: is missing; it holds the issuer's public keys"},
      {"audience: summary-gateway", "audience: \"a\\tb\"", "credentials.jwt.audience: must be up to 255 printable characters"},
      {"clock_skew: 10s", "clock_skew: 6m", "credentials.jwt.clock_skew: must be from 0s to 5m,"},
      {"token_file: f }", "subject: \"system:serviceaccount:ns:billing\" }",
       "credentials.clients[1].subject: 'system:serviceaccount:ns:billing' already belongs to client 'billing'"},
      {"subject: \"system:serviceaccount:ns:billing\"", "token_file: f", "credentials.jwt: proves nobody: no client has a subject"},
      {"mode: inject", "mode: forward", "credentials.jwt: is for mode: inject"},
  };
  for (auto const& r : rows) EXPECT_THAT(problems_of(with(r.from, r.to, with_jwt)), HasSubstr(std::string{r.problem})) << r.to;
  std::string without{with_jwt};
  without.resize(without.find("  jwt:"));
  EXPECT_THAT(problems_of(without), HasSubstr("credentials.clients[0].subject: can never be shown: credentials.jwt says no issuer"));
}

// Secrets that must never be in the configuration itself.
TEST(credential_settings, have_no_place_for_a_secret) {
  for (std::string_view const key : {"credential", "secret", "token", "password", "token_hash", "account_sid"}) {
    auto const account = problems_of(with("name: main\n", std::string{"name: main\n      "}.append(key).append(": x\n")));
    EXPECT_THAT(account, HasSubstr(std::string{"accounts[0]."}.append(key).append(": is not a setting")));
  }
}

TEST(credential_settings, rights_of_a_client) {
  auto const given = with("token_file: tokens/billing",
                          "token_file: tokens/billing, may: [summary, annotation.write], methods: [GET, POST], "
                          "subaccounts: [AC00000000000000000000000000000001]");
  auto const values = load_settings(given).values;
  ASSERT_EQ(problems_of(given), "");
  auto const printed = print_settings(values, false);
  EXPECT_THAT(printed, HasSubstr("      may: [summary, annotation.write]\n      methods: [GET, POST]\n"
                                 "      subaccounts: [AC00000000000000000000000000000001]\n"));
  EXPECT_THAT(printed, HasSubstr("      certificate: reports.internal\n      may: [all]\n      methods: [GET, HEAD, POST]\n"))
      << "the default is shown";
  EXPECT_EQ(print_settings(load_settings(printed).values, false), printed);
  EXPECT_THAT(explain_reading(values), HasSubstr("by the default of may: reports, deploy;"));
  EXPECT_EQ(explain_reading(settings{}), "");
}

TEST(credential_settings, shares_of_a_client) {
  auto const given = with("token_file: tokens/billing", "token_file: tokens/billing, weight: 4, class: bulk, max_in_flight: 2");
  ASSERT_EQ(problems_of(given), "");
  auto const values = load_settings(given).values;
  EXPECT_EQ(values.credentials.clients[0].share, (client_share{4, client_class::bulk, 2}));
  EXPECT_EQ(values.credentials.clients[1].share, client_share{});
  auto const printed = print_settings(values, false);
  EXPECT_THAT(printed, HasSubstr("      weight: 4\n      class: bulk\n      max_in_flight: 2\n"));
  EXPECT_EQ(print_settings(load_settings(printed).values, false), printed);
  for (std::string_view const wrong : {"weight: 0", "weight: 101", "class: batch", "max_in_flight: -1"}) {
    auto const found = problems_of(with("token_file: tokens/billing", "token_file: tokens/billing, " + std::string{wrong}));
    EXPECT_THAT(found, HasSubstr("credentials.clients[0]." + std::string{wrong.substr(0, wrong.find(':'))})) << wrong;
  }
}

TEST(credential_settings, a_quota_of_a_client) {
  auto const given = with("token_file: tokens/billing", "token_file: tokens/billing, quota: { upstream_calls: 1000, per: 24h }");
  ASSERT_EQ(problems_of(given), "");
  auto const values = load_settings(given).values;
  EXPECT_EQ(values.credentials.clients[0].quota, (quota_rule{1000, std::chrono::hours{24}}));
  EXPECT_FALSE(values.credentials.clients[1].quota.is_on());
  auto const printed = print_settings(values, false);
  EXPECT_THAT(printed, HasSubstr("      quota:\n        upstream_calls: 1000\n        per: 1d\n"));
  EXPECT_EQ(print_settings(load_settings(printed).values, false), printed);
}

TEST(credential_settings, rights_that_could_mean_nothing_or_everything_are_problems) {
  struct row {
    std::string_view rights, key, text;
  };
  const row rows[] = {
      {"may: []", "may", "lists no right"},
      {"may: [summary, anotation]", "may", "did you mean 'annotation'?"},
      {"methods: []", "methods", "lists no method"},
      {"methods: [PUT]", "methods", "must be a list of GET"},
      {"subaccounts: []", "subaccounts", "lists no account"},
      {"subaccounts: [AC1]", "subaccounts", "must list account sids"},
      {"quota: {}", "quota.upstream_calls", "is missing"},
      {"quota: { upstream_calls: 10 }", "quota.per", "is missing"},
      {"quota: { per: 1h }", "quota.upstream_calls", "is missing"},
      {"quota: { upstream_calls: 0, per: 1h }", "quota.upstream_calls", "from 1 to"},
      {"quota: { upstream_calls: 10, per: 32d }", "quota.per", "31d"},
      {"quota: { upstream_calls: 10, per: 1500ms }", "quota.per", "must be whole seconds"},
      {"quota: { calls: 10, per: 1h }", "quota.calls", "is not a setting"},
  };
  for (auto const& one : rows) {
    auto const found = problems_of(with("token_file: tokens/billing", "token_file: tokens/billing, " + std::string{one.rights}));
    EXPECT_THAT(found, HasSubstr("credentials.clients[0]." + std::string{one.key})) << one.rights;
    EXPECT_THAT(found, HasSubstr(std::string{one.text})) << one.rights;
  }
}

}  // namespace
}  // namespace gateway::credentials_test
