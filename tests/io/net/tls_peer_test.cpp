// The names in certificates as OpenSSL has them, the unreadable ones included.
#include "io/net/tls_peer.hpp"

#include <gtest/gtest.h>

#include "upstream/made_certificates.hpp"

namespace gateway::test::tls_peer_test {
namespace {

struct tls_peer : testing::Test {
  [[nodiscard]] boost::system::result<certificate_names, proof_refusal> names(const char* alt_names) const {
    auto const leaf = made_certificate::leaf(alt_names, authority, std::chrono::hours{1}, "common.name");
    return names_in_certificate(leaf.certificate.get());
  }
  made_certificate authority = made_certificate::authority("an authority", std::chrono::hours{1});
};

TEST_F(tls_peer, names_have_their_types) {
  auto const found = names("IP:127.0.0.1,email:a@B,DNS:A.internal,RID:1.2.3,URI:spiffe://prod.example/a");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found,
            (certificate_names{{name_type::email, "a@b"}, {name_type::dns, "a.internal"}, {name_type::uri, "spiffe://prod.example/a"}}));
}

TEST_F(tls_peer, nothing_else_is_a_name) {
  EXPECT_TRUE(names_in_certificate(nullptr)->empty());
  for (auto const* const none : {"", "IP:127.0.0.1", "RID:1.2.3", "DER:30:00"}) {
    auto const found = names(none);
    ASSERT_TRUE(found) << none;
    EXPECT_TRUE(found->empty()) << none << ": the common name is none";
  }
}

TEST_F(tls_peer, what_cannot_be_read_is_not_the_same_as_no_name) {
  for (auto const* const garbage : {"DER:04:02:61:62", "DER:30:03:82:05:61", "DER:30:81", "DER:00"}) {
    auto const found = names(garbage);
    ASSERT_FALSE(found) << garbage;
    EXPECT_EQ(found.error(), proof_refusal::certificate_unreadable) << garbage;
  }
}

TEST_F(tls_peer, each_byte_of_a_name_counts) {
  EXPECT_EQ(names("DER:30:05:82:03:61:00:62").error(), proof_refusal::certificate_malformed) << "a NUL b";
  EXPECT_EQ(names("DER:30:03:82:01:61")->front().text, "a");
}

}  // namespace
}  // namespace gateway::test::tls_peer_test
