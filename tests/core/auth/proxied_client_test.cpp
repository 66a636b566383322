// Which client the requests of a connection belong to when a trusted proxy sends requests for many clients.
#include "core/auth/proxied_client.hpp"

#include <gtest/gtest.h>

#include "core/auth/authorizer.hpp"
#include "core/auth/scopes.hpp"

namespace gateway::proxied_client_test {
namespace {

client from_loopback() {
  client one;
  one.address = group_of(*ip_address::parse("127.0.0.1"));
  one.is_local = true;
  return one;
}

std::shared_ptr<const listener_trust> trusting(const char* range) {
  std::string why_not;
  auto trust = std::make_shared<listener_trust>();
  trust->forwarding.ranges = {*address_range::parse(range, why_not)};
  return trust;
}

std::string fields(const char* client) { return std::string{"X-Forwarded-For: "} + client + "\r\n"; }

TEST(apply_proxy_header, its_word_is_an_address_and_nothing_else) {
  auto one = from_loopback();
  one.name = "reports.internal";  // end to end: TLS begins after the PROXY header
  apply_proxy_header(one, ip_address::parse("192.0.2.1"));
  EXPECT_EQ(one.address, group_of_ipv4({192, 0, 2, 1}));
  EXPECT_FALSE(one.is_local);
  EXPECT_EQ(one.name, "reports.internal");
}

TEST(apply_proxy_header, nobody_is_local_who_is_announced_whatever_the_address) {
  for (auto const* const whom : {"127.0.0.1", "::1", ""}) {
    auto one = from_loopback();
    one.user = 1000;
    apply_proxy_header(one, ip_address::parse(whom));
    EXPECT_FALSE(one.is_local) << whom;
    EXPECT_FALSE(one.user) << "that was the proxy's";
  }
}

struct forwarding : testing::Test {
  forwarding() {
    one.user = 1000;
    one.names = {{name_type::dns, "edge.internal"}};
    one.name = "edge.internal";
    proxy.emplace(trusting("127.0.0.0/8"), one);
  }
  client one = from_loopback();
  std::optional<forwarding_proxy> proxy;
  fingerprint_key key{};
};

TEST_F(forwarding, each_request_is_its_own_clients) {
  proxy->introduce(one, fields("192.0.2.1"));
  EXPECT_EQ(name_of(one, {shown_addresses::plain, {}}).view(), "edge.internal") << "as long as a name was read";
  one.name.clear();
  EXPECT_EQ(name_of(one, {shown_addresses::plain, {}}).view(), "192.0.2.1");
  proxy->introduce(one, fields("192.0.2.2"));
  EXPECT_EQ(name_of(one, {shown_addresses::plain, {}}).view(), "192.0.2.2");
  proxy->introduce(one, "");
  EXPECT_EQ(name_of(one, {shown_addresses::plain, {}}).view(), "uid 1000") << "the proxy itself";
  EXPECT_FALSE(one.is_local);
}

TEST_F(forwarding, what_was_known_of_one_client_is_not_taken_for_another) {
  access_rules rules;
  proxy->introduce(one, fields("192.0.2.1"));
  ASSERT_TRUE(authorize(one, "Basic QUM6eA==", rules));
  one.known_as = name_of(one, {shown_addresses::plain, {}});
  proxy->introduce(one, fields("192.0.2.1"));
  EXPECT_NE(one.memo.find("Basic QUM6eA==", 0), nullptr) << "the same client again";
  auto const scope = client_scope(*one.memo.last(), one, {});
  proxy->introduce(one, fields("192.0.2.2"));
  EXPECT_TRUE(one.known_as.empty());
  EXPECT_EQ(one.memo.find("Basic QUM6eA==", 0), nullptr);
  ASSERT_TRUE(authorize(one, "Basic QUM6eA==", rules));
  EXPECT_NE(client_scope(*one.memo.last(), one, {}), scope) << "fairness tells them apart";
}

TEST_F(forwarding, neither_the_proxys_user_nor_its_certificate_nor_its_place_proves_a_client) {
  access_rules rules;
  rules.injecting.emplace();
  rules.injecting->accounts.emplace_back(partition());
  rules.injecting->guests = 0;
  known_client by_user, by_certificate;
  by_user.unix_user = 1000;
  by_certificate.certificate = *name_pattern::parse("edge.internal");
  rules.injecting->clients = {by_user, by_certificate};
  for (auto const& said : {fields("192.0.2.1"), fields("127.0.0.1"), fields("unknown"), std::string{}}) {
    proxy->introduce(one, said);
    EXPECT_FALSE(authorize(one, "", rules)) << said;
  }
  auto local = from_loopback();
  EXPECT_TRUE(authorize(local, "", rules)) << "without a proxy it would";
}

}  // namespace
}  // namespace gateway::proxied_client_test
