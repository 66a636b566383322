// Who may do what through the admin listener: the lines of its token file, and who a request is from.
#include "core/auth/admin_rules.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace gateway::admin_rules_test {
namespace {

using enum admin_role;

client of_user(std::uint32_t user, std::vector<std::uint32_t> groups) {
  client made;
  made.user = user;
  made.groups = std::move(groups);
  return made;
}

client with_certificate(std::string name) {
  client made;
  if (!name.empty()) made.names.push_back({name_type::dns, std::move(name)});
  return made;
}

name_pattern like(std::string_view text) { return *name_pattern::parse(text); }

// "purge alice by token", or "nobody"
std::string who(const admin_rules& rules, const client& from, std::string_view authorization = "") {
  auto const found = rules.who(from, authorization);
  if (!found) return "nobody";
  return std::string{name_of(found->role)}.append(" ").append(found->name).append(" by ").append(found->known_by);
}

TEST(admin_rules, a_role_holds_those_before_it) {
  for (auto const has : {read, purge, operate}) {
    for (auto const needed : {read, purge, operate}) EXPECT_EQ(holds(has, needed), static_cast<int>(has) >= static_cast<int>(needed));
  }
}

TEST(admin_rules, where_nobody_is_named_everybody_may_do_everything) {
  EXPECT_EQ(who({}, client{}), "operate no token by none");
  EXPECT_EQ(who({}, with_certificate("x"), "Bearer anything"), "operate no token by none");
  EXPECT_TRUE(admin_rules{}.name_nobody());
}

TEST(admin_rules, who_is_named_is_known_by_each_proof_and_nobody_else_is) {
  admin_rules const rules{{{"alice", operate, hash_of_token("alices")},
                           {"grafana", read, std::nullopt, like("grafana.ops.internal")},
                           {"cron", purge, std::nullopt, {}, 33},
                           {"ops", operate, std::nullopt, {}, std::nullopt, 27}}};
  EXPECT_EQ(who(rules, client{}, "Bearer alices"), "operate alice by token");
  EXPECT_EQ(who(rules, client{}, "bEARER  alices "), "operate alice by token");
  EXPECT_EQ(who(rules, with_certificate("grafana.ops.internal")), "read grafana by certificate");
  EXPECT_EQ(who(rules, of_user(33, {33})), "purge cron by unix user");
  EXPECT_EQ(who(rules, of_user(34, {34, 27})), "operate ops by unix group");
  EXPECT_EQ(who(rules, of_user(33, {33, 27})), "operate ops by unix group") << "the strongest";
  for (auto const* const wrong : {"", "Bearer", "Bearer ", "Bearer Alices", "Bearer alices2", "Basic alices", "alices"})
    EXPECT_EQ(who(rules, client{}, wrong), "nobody") << wrong;
  EXPECT_EQ(who(rules, with_certificate("xgrafana.ops.internal")), "nobody");
  EXPECT_EQ(who(rules, with_certificate("")), "nobody") << "no certificate is not the empty name";
  EXPECT_EQ(who(rules, of_user(34, {34})), "nobody");
}

TEST(admin_rules, a_token_is_sent_on_purpose_and_a_wrong_one_takes_nothing_away) {
  admin_rules const rules{{{"alice", read, hash_of_token("alices")}, {"root", operate, std::nullopt, {}, 0}}};
  EXPECT_EQ(who(rules, of_user(0, {0}), "Bearer alices"), "read alice by token");
  EXPECT_EQ(who(rules, of_user(0, {0}), "Bearer wrong"), "operate root by unix user");
}

TEST(admin_rules, the_most_exact_name_counts_and_names_of_two_operators_prove_none) {
  admin_rules const rules{{{"team", operate, std::nullopt, like("uri:spiffe://prod.example/ops/*")},
                           {"bot", read, std::nullopt, like("uri:spiffe://prod.example/ops/bot")},
                           {"host", purge, std::nullopt, like("bot.example")}}};
  client from;
  from.names = {{name_type::uri, "spiffe://prod.example/ops/alice"}};
  EXPECT_EQ(who(rules, from), "operate team by certificate");
  from.names = {{name_type::uri, "spiffe://prod.example/ops/bot"}};
  EXPECT_EQ(who(rules, from), "read bot by certificate");
  from.names.push_back({name_type::dns, "bot.example"});
  EXPECT_EQ(who(rules, from), "nobody");
  from.names = {{name_type::dns, "bot.example"}, {name_type::dns, "elsewhere.example"}};
  EXPECT_EQ(who(rules, from), "purge host by certificate");
  from.names = {{name_type::email, "bot.example"}};
  EXPECT_EQ(who(rules, from), "nobody") << "of another type";
}

TEST(admin_rules, a_proxys_connection_proves_nothing) {
  admin_rules const rules{{{"root", operate, std::nullopt, {}, 0}}};
  auto from = of_user(0, {0});
  from.is_proxied = true;
  EXPECT_EQ(who(rules, from), "nobody");
}

// "read a|operate the admin token", or why not
std::string lines(std::string_view text) {
  auto const found = parse_admin_tokens(text);
  std::string all = found.why_not;
  for (auto const& one : found.users) all.append(all.empty() ? "" : "|").append(name_of(one.role)).append(" ").append(one.name);
  return all;
}

TEST(admin_rules, a_file_of_tokens_says_who_may_do_what) {
  auto const hash = token_hash_text(hash_of_token("bobs"));
  EXPECT_EQ(lines("t"), "operate the admin token") << "one token without a role may do everything";
  EXPECT_EQ(lines(hash), "operate the admin token");
  EXPECT_EQ(lines("read grafana a\npurge bob " + hash + "\noperate  alice   c"), "read grafana|purge bob|operate alice");
  EXPECT_EQ(lines("read grafana a\nread grafana b"), "read grafana|read grafana") << "while one is replaced";
  EXPECT_EQ(who(admin_rules{parse_admin_tokens("purge bob " + hash).users}, client{}, "Bearer bobs"), "purge bob by token");
  EXPECT_EQ(lines("t\nu"), "has several lines, and one of them is a token without ROLE and NAME");
  EXPECT_EQ(lines("read grafana a\nt"), "has several lines, and one of them is a token without ROLE and NAME");
  EXPECT_EQ(lines("read grafana a\npurge grafana b"), "gives one name two roles");
  EXPECT_EQ(lines("read grafana a\npurge bob a"), "has the same token twice");
  EXPECT_EQ(lines("purge bob " + hash + "\nread a bobs"), "has the same token twice") << "in whichever form";
}

TEST(admin_rules, the_strongest_token_is_sent_for_who_can_read_the_file) {
  EXPECT_EQ(strongest_token("t"), "t");
  EXPECT_EQ(strongest_token("read a 1\noperate b 2\noperate c 3\npurge d 4"), "2");
  EXPECT_EQ(strongest_token("read a 1\noperate b " + token_hash_text(hash_of_token("x"))), "1") << "a hash cannot be sent";
  EXPECT_EQ(strongest_token(token_hash_text(hash_of_token("x"))), "");
}

// Rules and requests at random, beside a search that knows no tricks.
TEST(admin_rules, at_random_nobody_gets_a_role_that_no_proof_of_his_has) {
  std::minstd_rand random{11};
  auto const one_of = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (int round = 0; round < 5000; ++round) {
    std::vector<admin_user> named;
    for (auto n = 1 + one_of(4); n > 0; --n) {
      admin_user one{"user-" + std::to_string(named.size()), static_cast<admin_role>(one_of(3))};
      switch (one_of(4)) {
        case 0:
          one.token = hash_of_token(std::to_string(one_of(3)));
          break;
        case 1:
          one.certificate = like("c" + std::to_string(named.size()) + ".x");  // each its own, as validation wants it
          break;
        case 2:
          one.unix_user = one_of(3);
          break;
        default:
          one.unix_group = one_of(3);
      }
      named.push_back(std::move(one));
    }
    auto from = one_of(2) == 0 ? of_user(one_of(3), {one_of(3), one_of(3)}) : with_certificate("c" + std::to_string(one_of(4)) + ".x");
    auto const token = std::to_string(one_of(4));
    std::set<admin_role> by_token, by_connection;
    for (auto const& one : named) {
      if (one.token == hash_of_token(token)) by_token.insert(one.role);
      bool const in_group = one.unix_group && from.user && (from.groups[0] == *one.unix_group || from.groups[1] == *one.unix_group);
      bool const is_user = one.unix_user && from.user == one.unix_user;
      if (in_group || is_user || (!from.names.empty() && one.certificate.fit(from.names.front()) > 0)) by_connection.insert(one.role);
    }
    auto const found = admin_rules{named}.who(from, "Bearer " + token);
    if (!by_token.empty()) {
      ASSERT_TRUE(found && by_token.contains(found->role));
    } else if (!by_connection.empty()) {
      ASSERT_TRUE(found && found->role == *by_connection.rbegin());
    } else {
      ASSERT_FALSE(found);
    }
  }
}

}  // namespace
}  // namespace gateway::admin_rules_test
