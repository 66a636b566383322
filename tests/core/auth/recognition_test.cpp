// Which client a certificate or a JWT proves, where several have names that could be meant.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/jwt.hpp"
#include "core/auth/authorizer.hpp"

namespace gateway::recognition_test {
namespace {

using namespace std::literals;

constexpr fingerprint_key key{std::byte{1}};
constexpr wall_time now{1'000s};

struct signed_by_sig final : signature_check {
  [[nodiscard]] bool passes(std::string_view, std::string_view signature) const override { return signature == "sig"; }
};

struct entry {
  std::string_view name, certificate = "", subject = "";
  std::size_t account = 0;
};

// Account 0 is of the section upstream, account 1 of the upstream eu.
access_rules rules_of(const std::vector<entry>& clients) {
  access_rules rules{1, key, {}, injection{}};
  auto& all = *rules.injecting;
  for (std::string_view const at : {"", "eu"}) {
    identity one{partition_of_account("main", at, key), std::make_shared<const secret>("Basic QQ==")};
    one.at = at;
    all.accounts.push_back(std::move(one));
  }
  for (auto const& one : clients) {
    known_client made;
    made.account = one.account;
    made.name = one.name;
    if (!one.certificate.empty()) made.certificate = *name_pattern::parse(one.certificate);
    made.subject = one.subject;
    all.clients.push_back(std::move(made));
  }
  auto const check = std::make_shared<const signed_by_sig>();
  all.jwt = std::make_shared<const jwt_rules>(jwt_rules{"i", "a", 30s, {{"k", jwt_algorithm::es256, 3, check}}, {}});
  return rules;
}

upstream_scope eu() {
  upstream_scope made;
  made.name = "eu";
  made.key = key;
  return made;
}

struct answer {
  std::string who;  // the client, or the fault
  std::string why;  // the reason for the operator; "" for none
};
bool operator==(const answer& a, const answer& b) { return a.who == b.who && a.why == b.why; }
void PrintTo(const answer& one, std::ostream* out) { *out << one.who << " (" << one.why << ")"; }

answer ask(client& from, std::string_view authorization, const access_rules& rules, const upstream_scope* there = nullptr,
           wall_time at = now) {
  from.refused.reset();
  auto const found = authorize(from, authorization, rules, there, at);
  return {found ? (*found)->name : std::string{name_of(found.error())}, from.refused ? std::string{name_of(*from.refused)} : ""};
}

answer shows(const certificate_names& names, const std::vector<entry>& clients, const upstream_scope* there = nullptr) {
  client from;
  from.names = names;
  return ask(from, "", rules_of(clients), there);
}

std::string jwt(std::string_view subject, std::string_view signature = "sig", std::string_view exp = "1060") {
  auto const payload = R"({"iss":"i","aud":"a","sub":")" + std::string{subject} + R"(","exp":)" + std::string{exp} + "}";
  return "Bearer " + base64url(R"({"alg":"ES256","kid":"k"})") + "." + base64url(payload) + "." + base64url(signature);
}

const certificate_name dns{name_type::dns, "billing.internal"}, uri{name_type::uri, "spiffe://prod.example/ns/billing/sa/reader"},
    email{name_type::email, "billing@example.com"};

TEST(recognition, a_name_proves_the_client_that_says_it_most_exactly) {
  const std::vector<entry> all{{"domain", "uri:spiffe://prod.example/*"},
                               {"path", "uri:spiffe://prod.example/ns/billing/*"},
                               {"exact", "uri:spiffe://prod.example/ns/billing/sa/reader"},
                               {"dns", "billing.internal"},
                               {"email", "email:billing@example.com"}};
  auto const named = [](std::string_view id) { return certificate_names{{name_type::uri, std::string{id}}}; };
  EXPECT_EQ(shows({uri}, all), (answer{"exact", ""}));
  EXPECT_EQ(shows(named("spiffe://prod.example/ns/billing/sa/writer"), all), (answer{"path", ""}));
  EXPECT_EQ(shows(named("spiffe://prod.example/ns/reports"), all), (answer{"domain", ""}));
  EXPECT_EQ(shows(named("spiffe://other.example/ns/billing"), all), (answer{"missing_token", ""}));
  EXPECT_EQ(shows({dns}, all), (answer{"dns", ""}));
  EXPECT_EQ(shows({email}, all), (answer{"email", ""}));
  EXPECT_EQ(shows({{name_type::uri, "billing.internal"}}, all), (answer{"missing_token", ""})) << "no name of one type is one of another";
}

TEST(recognition, the_order_of_the_names_means_nothing) {
  const std::vector<entry> all{{"by-uri", "uri:spiffe://prod.example/ns/*"}};
  EXPECT_EQ(shows({dns, email, uri}, all), (answer{"by-uri", ""}));
  EXPECT_EQ(shows({uri, email, dns}, all), (answer{"by-uri", ""}));
}

TEST(recognition, names_of_two_clients_prove_neither) {
  const std::vector<entry> all{{"by-uri", "uri:spiffe://prod.example/ns/*"}, {"by-dns", "billing.internal"}};
  EXPECT_EQ(shows({uri, dns}, all), (answer{"missing_token", "certificate_ambiguous"}));
  EXPECT_EQ(shows({dns, uri}, all), (answer{"missing_token", "certificate_ambiguous"}));
  EXPECT_EQ(shows({dns, email}, all), (answer{"by-dns", ""})) << "the other name is nobody's";
  EXPECT_EQ(shows({dns, dns}, all), (answer{"by-dns", ""})) << "the same name twice is one";
}

TEST(recognition, a_client_of_another_upstream_is_not_meant) {
  const std::vector<entry> all{{"here", "billing.internal", "s"}, {"there", "uri:spiffe://prod.example/*", "t", 1}};
  auto const scope = eu();
  EXPECT_EQ(shows({dns, uri}, all), (answer{"here", ""}));
  EXPECT_EQ(shows({dns, uri}, all, &scope), (answer{"there", ""}));
  client from;
  EXPECT_EQ(ask(from, jwt("s"), rules_of(all)), (answer{"here", ""}));
  EXPECT_EQ(ask(from, jwt("t"), rules_of(all)), (answer{"unknown_token", "jwt_subject"}));
}

TEST(recognition, a_jwt_proves_the_client_with_its_subject) {
  const std::vector<entry> all{{"billing", "", "system:serviceaccount:ns:billing"}, {"no-subject"}};
  auto const rules = rules_of(all);
  client from;
  EXPECT_EQ(ask(from, jwt("system:serviceaccount:ns:billing"), rules), (answer{"billing", ""}));
  EXPECT_EQ(ask(from, jwt("system:serviceaccount:ns:billing2"), rules), (answer{"unknown_token", "jwt_subject"}));
  EXPECT_EQ(ask(from, jwt("system:serviceaccount:ns:*"), rules), (answer{"unknown_token", "jwt_subject"}));
  EXPECT_EQ(ask(from, jwt(""), rules), (answer{"unknown_token", "jwt_malformed"})) << "a client without a subject is nobody's";
  EXPECT_EQ(ask(from, jwt("system:serviceaccount:ns:billing", "bad"), rules), (answer{"unknown_token", "jwt_signature"}));
  EXPECT_EQ(ask(from, "Bearer no-jwt-at-all", rules), (answer{"unknown_token", ""}));
  auto without = rules;
  without.version = 2;
  without.injecting->jwt = nullptr;
  EXPECT_EQ(ask(from, jwt("system:serviceaccount:ns:billing"), without), (answer{"unknown_token", ""}));
}

TEST(recognition, a_wrong_jwt_does_not_refuse_a_client_that_its_connection_proves) {
  client from;
  from.names = {dns};
  EXPECT_EQ(ask(from, jwt("s", "bad"), rules_of({{"billing", "billing.internal"}})), (answer{"billing", "jwt_signature"}));
}

TEST(recognition, a_jwt_counts_until_it_ends_also_where_it_is_remembered) {
  auto const rules = rules_of({{"billing", "", "s"}});
  client from;
  EXPECT_EQ(ask(from, jwt("s"), rules), (answer{"billing", ""}));
  ASSERT_TRUE(from.memo.last()->proved_until);
  EXPECT_EQ(*from.memo.last()->proved_until, wall_time{1'090s});
  EXPECT_EQ(ask(from, jwt("s"), rules, nullptr, wall_time{1'089s}), (answer{"billing", ""}));
  EXPECT_EQ(ask(from, jwt("s"), rules, nullptr, wall_time{1'090s}), (answer{"unknown_token", "jwt_expired"}));
}

TEST(recognition, other_keys_end_what_is_remembered) {
  auto rules = rules_of({{"billing", "", "s"}});
  client from;
  EXPECT_EQ(ask(from, jwt("s"), rules), (answer{"billing", ""}));
  rules.version = 2;
  rules.injecting->jwt = std::make_shared<const jwt_rules>(jwt_rules{"i", "a", 30s, {}, {}});
  EXPECT_EQ(ask(from, jwt("s"), rules), (answer{"unknown_token", "jwt_key"}));
}

}  // namespace
}  // namespace gateway::recognition_test
