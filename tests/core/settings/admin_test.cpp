// The settings of the admin listener, and of who may do what there.
#include <gtest/gtest.h>

#include "settings_words.hpp"

namespace gateway::admin_settings_test {
namespace {

std::string on_socket(const std::string& user) { return problems_of("admin: { address: 'unix:/run/a', users: [" + user + "] }"); }

TEST(admin_settings, an_operator_has_a_name_a_role_and_a_proof) {
  auto const values =
      load_settings("admin: { address: 'unix:/run/a', users: [{ name: ops, role: operate, unix_group: ops }, { name: x, unix_user: x }] }")
          .values;
  ASSERT_EQ(values.admin.users.size(), 2U);
  EXPECT_EQ(values.admin.users[0].role, admin_role::operate);
  EXPECT_EQ(values.admin.users[1].role, admin_role::read) << "without any";
  EXPECT_EQ(on_socket("{ name: a, role: purge, unix_user: a }"), "");
  EXPECT_NE(on_socket("{ name: a, role: admin, unix_user: a }").find("admin.users[0].role: must be"), std::string::npos);
  EXPECT_EQ(on_socket("{ role: read, unix_user: a }"), "1 admin.users[0].name: is missing\n");
  EXPECT_EQ(on_socket("{ name: 'a b', unix_user: a }"),
            "1 admin.users[0].name: must be up to 64 letters, digits, '-', '.' or '_', not 'a b'\n");
  EXPECT_EQ(on_socket("{ name: a }"),
            "1 admin.users[0].certificate: is missing; an operator needs a certificate, a unix_user or a unix_group, or a line in "
            "admin.token_file\n");
  EXPECT_EQ(on_socket("{ name: a, unix_user: a }, { name: b, unix_user: a }"),
            "1 admin.users[1].unix_user: 'a' is that of an earlier one\n");
  EXPECT_EQ(on_socket("{ name: a, unix_user: a }, { name: a, unix_user: b }"), "1 admin.users[1].name: 'a' is that of an earlier one\n");
}

TEST(admin_settings, a_proof_that_can_never_be_shown_is_a_mistake) {
  EXPECT_EQ(on_socket("{ name: a, certificate: a }"), "1 admin.users[0].certificate: can never be shown: admin.tls.client_ca is not set\n");
  EXPECT_EQ(problems_of("admin: { users: [{ name: a, unix_user: a }, { name: b, unix_group: b }] }"),
            "1 admin.users[0].unix_user: can never be seen: admin.address is no unix socket\n"
            "1 admin.users[1].unix_group: can never be seen: admin.address is no unix socket\n");
}

TEST(admin_settings, other_machines_must_prove_who_they_are) {
  auto const open = [](const std::string& more) { return problems_of("admin: { address: '0.0.0.0:9464'" + more + " }"); };
  constexpr auto why =
      "1 admin.address: is reachable from other machines; keep it on 127.0.0.1 or a unix socket, or set admin.token_file, or tls.client_ca "
      "and users\n";
  EXPECT_EQ(open(""), why);
  EXPECT_EQ(open(", tls: { certificate: c, key: k }"), why) << "who asks is unknown still";
  EXPECT_EQ(open(", tls: { certificate: c, key: k, client_ca: a }"), why);
  EXPECT_EQ(open(", tls: { certificate: c, key: k, client_ca: a }, users: [{ name: a, certificate: a }]"), "");
  EXPECT_EQ(open(", token_file: t"), "");
  EXPECT_EQ(problems_of("admin: { tls: { key: k } }"), "1 admin.tls: needs both certificate and key\n");
  EXPECT_EQ(problems_of("admin: { tls: { client_ca: a } }"), "1 admin.tls: needs both certificate and key\n");
}

}  // namespace
}  // namespace gateway::admin_settings_test
