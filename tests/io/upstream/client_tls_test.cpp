// How the upstream is verified, and until when a verification counts. The handshakes are real ones, between two ends in memory.
#include "io/upstream/client_tls.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <fstream>

#include "io/runtime/clock.hpp"
#include "temporary_directory.hpp"
#include "upstream/made_certificates.hpp"

namespace gateway::test::client_tls_test {
namespace {

using namespace std::chrono_literals;

struct outcome {
  bool connected = false;
  bool resumed = false;
  long verified = X509_V_OK;
};

// A server with that certificate, and the certificates of its issuers to send along.
class far_server {
public:
  far_server(const made_certificate& own, const std::vector<const made_certificate*>& issuers = {})
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), own.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
    for (auto const* const one : issuers) SSL_CTX_add1_chain_cert(context_.get(), one->certificate.get());
  }

  outcome shake_hands_with(client_tls& tls, wall_time now) {
    std::unique_ptr<SSL, freed_by<SSL_free>> const client{SSL_new(tls.context().native_handle())};
    std::unique_ptr<SSL, freed_by<SSL_free>> const server{SSL_new(context_.get())};
    BIO* near = nullptr;
    BIO* far = nullptr;
    BIO_new_bio_pair(&near, 0, &far, 0);
    SSL_set_bio(client.get(), near, near);
    SSL_set_bio(server.get(), far, far);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    if (!tls.prepare(client.get(), now)) return {};
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client.get());
      SSL_do_handshake(server.get());
    }
    outcome made;
    made.connected = SSL_is_init_finished(client.get()) == 1 && SSL_is_init_finished(server.get()) == 1;
    made.resumed = SSL_session_reused(client.get()) == 1;
    made.verified = SSL_get_verify_result(client.get());
    // The session tickets of TLS 1.3 come with the first byte.
    char byte = 'x';
    if (made.connected) SSL_write(server.get(), &byte, 1), SSL_read(client.get(), &byte, 1);
    SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ERR_clear_error();
    return made;
  }

private:
  std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>> context_;
};

struct client_tls_test : testing::Test {
  temporary_directory folder;

  std::string file_of(std::string_view content) {
    auto const path = folder.file("ca-" + std::to_string(++files_) + ".pem");
    std::ofstream{path} << content;
    return path;
  }
  std::string file_of(const made_certificate& one) { return file_of(one.pem()); }
  static origin upstream() { return *parse_origin("https://localhost"); }
  std::string why_not(const std::string& file) {
    try {
      client_tls const made{upstream(), file};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

private:
  int files_ = 0;
};

TEST_F(client_tls_test, a_session_is_resumed_while_what_was_verified_is_valid) {
  auto const root = made_certificate::authority("root", 24h);
  far_server server{made_certificate::leaf("DNS:localhost", root, 1h)};
  client_tls tls{upstream(), file_of(root)};
  auto const now = gateway::now().wall;
  auto const first = server.shake_hands_with(tls, now);
  EXPECT_TRUE(first.connected && !first.resumed);
  EXPECT_TRUE(server.shake_hands_with(tls, now).resumed);
  EXPECT_TRUE(server.shake_hands_with(tls, now + 59min).resumed);
  // Each resumed session has made a new one, which ends no later.
  auto const after = server.shake_hands_with(tls, now + 61min);
  EXPECT_TRUE(after.connected && !after.resumed) << "verified anew";
  EXPECT_TRUE(server.shake_hands_with(tls, now).resumed) << "and from then on as before";
}

TEST_F(client_tls_test, the_first_certificate_of_the_chain_that_ends_counts) {
  auto const root = made_certificate::authority("root", 24h);
  auto const middle = made_certificate::authority("middle", 30min, &root);
  far_server server{made_certificate::leaf("DNS:localhost", middle, 1h), {&middle}};
  client_tls tls{upstream(), file_of(root)};
  auto const now = gateway::now().wall;
  EXPECT_TRUE(server.shake_hands_with(tls, now).connected);
  EXPECT_TRUE(server.shake_hands_with(tls, now + 29min).resumed);
  EXPECT_FALSE(server.shake_hands_with(tls, now + 31min).resumed);
}

TEST_F(client_tls_test, a_common_name_is_no_name) {
  auto const root = made_certificate::authority("root", 24h);
  client_tls tls{upstream(), file_of(root)};
  far_server without{made_certificate::leaf("", root, 1h, "localhost")};
  auto const refused = without.shake_hands_with(tls, gateway::now().wall);
  EXPECT_FALSE(refused.connected);
  EXPECT_EQ(refused.verified, X509_V_ERR_HOSTNAME_MISMATCH);
  far_server with{made_certificate::leaf("DNS:localhost", root, 1h, "elsewhere")};
  EXPECT_TRUE(with.shake_hands_with(tls, gateway::now().wall).connected);
}

TEST_F(client_tls_test, each_certificate_of_the_file_is_an_anchor) {
  auto const root = made_certificate::authority("root", 24h);
  auto const middle = made_certificate::authority("middle", 24h, &root);
  auto const leaf = made_certificate::leaf("DNS:localhost", middle, 1h);
  auto const other = made_certificate::leaf("DNS:localhost", middle, 1h);
  far_server server{leaf, {&middle}}, twin{other, {&middle}};
  auto const now = gateway::now().wall;
  client_tls by_middle{upstream(), file_of(middle)};
  EXPECT_TRUE(server.shake_hands_with(by_middle, now).connected);
  client_tls by_leaf{upstream(), file_of(leaf)};
  EXPECT_TRUE(server.shake_hands_with(by_leaf, now).connected);
  EXPECT_FALSE(twin.shake_hands_with(by_leaf, now).connected) << "a leaf vouches for itself alone";
  client_tls by_stranger{upstream(), file_of(made_certificate::authority("root", 24h))};
  EXPECT_FALSE(server.shake_hands_with(by_stranger, now).connected);
}

TEST_F(client_tls_test, says_why_a_file_is_of_no_use) {
  auto const root = made_certificate::authority("root", 24h);
  for (auto const& content : {std::string{}, std::string{"nothing"}, root.key_pem(), root.der(), root.pem().substr(0, 200)}) {
    auto const file = file_of(content);
    auto const why = why_not(file);
    EXPECT_TRUE(why.starts_with("CA file '" + file + "' cannot be used: ")) << why << " for " << content.substr(0, 40);
  }
  EXPECT_NE(why_not(file_of(root.empty_revocation_list())).find("it contains no certificate"), std::string::npos);
  EXPECT_EQ(why_not(file_of(root)), "");
}

TEST_F(client_tls_test, knows_other_authorities_by_what_they_are) {
  auto const one = made_certificate::authority("one", 24h);
  auto const two = made_certificate::authority("two", 24h);
  auto const trust_of = [&](const std::string& content) { return client_tls{upstream(), file_of(content)}.authorities(); };
  EXPECT_EQ(trust_of(one.pem()), trust_of(one.pem()));
  EXPECT_EQ(trust_of(one.pem() + two.pem()), trust_of(two.pem() + one.pem()));
  EXPECT_NE(trust_of(one.pem()), trust_of(two.pem()));
  EXPECT_NE(trust_of(one.pem() + two.pem()), trust_of(one.pem()));
  std::string const filler = std::string(1'500'000, '#') + "\n";
  EXPECT_NE(trust_of(filler + one.pem()), trust_of(filler + two.pem())) << "however large the file is";
}

}  // namespace
}  // namespace gateway::test::client_tls_test
