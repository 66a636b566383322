#include "core/events/delivery_check.hpp"

#include <gtest/gtest.h>

#include "events/deliveries.hpp"

namespace gateway::delivery_check_test {
namespace {

using namespace deliveries;
using result = delivery_result;

// A delivery that may be changed before it is checked.
struct sent {
  std::string query = std::string{known_query};
  std::string fields = "X-Twilio-Signature: " + std::string{known_signature} + "\r\n";
  std::string body = std::string{known_body};
  std::string url = std::string{public_url};
  std::string tokens = token;

  [[nodiscard]] result checked() const {
    request_head head;
    head.query = query;
    head.fields = fields;
    event_signers signers{tokens};
    return check_origin(delivery_proof{head}, body, *event_url::parse(url), signers);
  }
  sent& sign(std::string_view by, const std::string& signed_url) {
    fields = "x-twilio-signature:" + signature(by, signed_url) + "\r\n";
    return *this;
  }
};

TEST(delivery_check, known_answer) { EXPECT_EQ(sent{}.checked(), result::accepted); }

TEST(delivery_check, every_token_is_tried) {
  sent one;
  one.tokens = "another\n\n" + token + "\r\n";
  EXPECT_EQ(one.checked(), result::accepted);
  one.tokens = "another\nthird";
  EXPECT_EQ(one.checked(), result::wrong_signature);
  one.tokens = "";
  EXPECT_EQ(one.checked(), result::wrong_signature);
}

TEST(delivery_check, with_and_without_the_port) {
  auto const query = "?" + std::string{known_query};
  for (auto const* const configured : {"https://a.example/x", "https://a.example:443/x"}) {
    sent one;
    one.url = configured;
    EXPECT_EQ(one.sign(token, "https://a.example/x" + query).checked(), result::accepted) << configured;
    EXPECT_EQ(one.sign(token, "https://a.example:443/x" + query).checked(), result::accepted) << configured;
    EXPECT_EQ(one.sign(token, "https://a.example:8443/x" + query).checked(), result::wrong_signature) << configured;
    EXPECT_EQ(one.sign(token, "https://b.example/x" + query).checked(), result::wrong_signature) << configured;
    EXPECT_EQ(one.sign(token, "http://a.example/x" + query).checked(), result::wrong_signature) << configured;
  }
  sent other;
  other.url = "https://a.example:8443/x";
  EXPECT_EQ(other.sign(token, "https://a.example:8443/x" + query).checked(), result::accepted);
  EXPECT_EQ(other.sign(token, "https://a.example/x" + query).checked(), result::accepted) << "Twilio leaves a port out at times";
}

TEST(delivery_check, the_raw_query_is_signed) {
  auto const query = "a=%20b&" + std::string{known_query} + "&c";
  sent one;
  one.query = query;
  EXPECT_EQ(one.sign(token, std::string{public_url} + "?" + query).checked(), result::accepted);
  one.query = "a= b&" + std::string{known_query} + "&c";
  EXPECT_EQ(one.checked(), result::wrong_signature);
}

TEST(delivery_check, a_stranger_has_no_signature) {
  sent one;
  one.fields = "";
  EXPECT_EQ(one.checked(), result::no_signature);
  one.fields = "X-Twilio-Signature: " + std::string{known_signature} + "\r\nX-Twilio-Signature: " + std::string{known_signature} + "\r\n";
  EXPECT_EQ(one.checked(), result::no_signature) << "two are none";
  for (std::string const text : {"", "x", "qovYYTCoTFG3Ga6KmSrRVvSgwm8",
                                 "QovYYTCoTFG3Ga6KmSrRVvSgwm8=", "qovYYTCoTFG3Ga6KmSrRVvSgwm8==", "qovYYTCoTFG3Ga6KmSrRVvSgwm8=,x"}) {
    one.fields = "X-Twilio-Signature: " + text + "\r\n";
    EXPECT_EQ(one.checked(), result::wrong_signature) << text;
  }
}

TEST(delivery_check, a_signature_is_for_one_body) {
  sent one;
  one.body += " ";
  EXPECT_EQ(one.checked(), result::wrong_hash);
  one.body = "[]";
  EXPECT_EQ(one.checked(), result::wrong_hash);
}

TEST(delivery_check, a_signed_url_without_a_hash_covers_no_body) {
  sent one;
  for (std::string const query : {"", "a=b", "bodySHA256", "bodysha256=f4dc494f1e604a19df36cdd069f7956b1f261dc954ae1c698ed8b4939fd9ab54"}) {
    one.query = query;
    auto const expected = query == "bodySHA256" ? result::wrong_hash : result::no_hash;
    EXPECT_EQ(one.sign(token, std::string{public_url} + "?" + query).checked(), expected) << query;
  }
  one.query = std::string{known_query} + "&" + hash_parameter("[]");
  one.sign(token, std::string{public_url} + "?" + one.query);
  EXPECT_EQ(one.checked(), result::no_hash) << "two hashes are none";
}

TEST(delivery_check, a_shared_key_is_not_known) {
  sent one;
  one.fields += "X-Twilio-Webhooks-Signature-Settings: keyId=1\r\n";
  EXPECT_EQ(one.checked(), result::shared_key);
}

TEST(event_url, what_can_be_signed) {
  auto const url = event_url::parse("https://[::1]:8443/a/b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->with_port, "https://[::1]:8443/a/b");
  EXPECT_EQ(url->without_port, "https://[::1]/a/b");
  EXPECT_EQ(url->path, "/a/b");
  for (auto const* const text :
       {"", "http://a.example/x", "https://a.example", "https:///x", "https://user@a.example/x", "https://a.example/x?y",
        "https://a.example/x#y", "https://a.example:/x", "https://a.example:99999/x", "https://a.example/x y"}) {
    EXPECT_FALSE(event_url::parse(text)) << text;
  }
}

}  // namespace
}  // namespace gateway::delivery_check_test
