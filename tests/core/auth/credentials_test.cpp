#include "core/auth/credentials.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::credentials_test {
namespace {

std::string canonical_of(std::string_view value) {
  auto const parsed = parse_authorization(value);
  return parsed ? std::string{parsed->canonical.reveal()} : std::string{name_of(parsed.error())};
}

TEST(credentials, oddities_of_basic_and_bearer) {
  struct row {
    std::string_view name;
    std::string_view value;
    std::string_view expected;
  };
  static constexpr row rows[] = {
      {"basic", "Basic QUMxOnRva2Vu", "basic:AC1:token"},
      {"scheme in lower case", "basic QUMxOnRva2Vu", "basic:AC1:token"},
      {"scheme in capitals", "BASIC QUMxOnRva2Vu", "basic:AC1:token"},
      {"several spaces", "Basic   QUMxOnRva2Vu", "basic:AC1:token"},
      {"one padding sign", "Basic YWE6YmI=", "basic:aa:bb"},
      {"two padding signs", "Basic YTpiYg==", "basic:a:bb"},
      {"colon in the password", "Basic YTpiOmM=", "basic:a:b:c"},
      {"space in the password", "Basic YTpiIGM=", "basic:a:b c"},
      {"UTF-8 in the password", "Basic YTrDqQ==", "basic:a:\xc3\xa9"},
      {"bearer", "Bearer a.b-c_d~e+f/g==", "bearer:a.b-c_d~e+f/g=="},
      {"bearer in lower case", "bearer a", "bearer:a"},
      {"bearer keeps the token's case", "Bearer aA", "bearer:aA"},

      {"none", "", "missing_credentials"},

      {"scheme alone", "Basic", "unreadable_credentials"},
      {"scheme and a space", "Basic ", "unreadable_credentials"},
      {"no space", "BasicQUMxOnRva2Vu", "unreadable_credentials"},
      {"tab for the space", "Basic\tQUMxOnRva2Vu", "unreadable_credentials"},
      {"leading space", " Basic QUMxOnRva2Vu", "unreadable_credentials"},
      {"another scheme", "Digest username=\"a\"", "unreadable_credentials"},
      {"unpadded", "Basic YTpiYg", "unreadable_credentials"},
      {"too much padding", "Basic YTpiYg===", "unreadable_credentials"},
      {"stray bits", "Basic YTpiYh==", "unreadable_credentials"},
      {"URL-safe alphabet", "Basic YTrD_w-_", "unreadable_credentials"},
      {"space within", "Basic YTpi Yg==", "unreadable_credentials"},
      {"something after it", "Basic YTpiYg==x", "unreadable_credentials"},
      {"two of them", "Basic YTpiYg==, Basic YTpiYg==", "unreadable_credentials"},
      {"no colon", "Basic QUMx", "unreadable_credentials"},
      {"empty user", "Basic OnRva2Vu", "unreadable_credentials"},
      {"empty password", "Basic QUMxOg==", "unreadable_credentials"},
      {"colon only", "Basic Og==", "unreadable_credentials"},
      {"NUL in the password", "Basic YToAYg==", "unreadable_credentials"},
      {"line end in the password", "Basic YToNCg==", "unreadable_credentials"},
      {"DEL in the password", "Basic YTp/", "unreadable_credentials"},
      {"bearer without token", "Bearer ", "unreadable_credentials"},
      {"bearer with spaces", "Bearer a b", "unreadable_credentials"},
      {"bearer of padding only", "Bearer ==", "unreadable_credentials"},
      {"bearer with padding within", "Bearer a=b", "unreadable_credentials"},
      {"bearer with a comma", "Bearer a,b", "unreadable_credentials"},
      {"bearer with a colon", "Bearer a:b", "unreadable_credentials"},
      {"bearer in UTF-8", "Bearer \xc3\xa9", "unreadable_credentials"},
  };
  for (auto const& r : rows) EXPECT_EQ(canonical_of(r.value), r.expected) << r.name;
}

TEST(credentials, any_length_is_read) {
  for (std::size_t groups = 1; groups < 200; ++groups) {
    std::string value = "Basic YTpi";  // a:b
    std::string expected = "basic:a:b";
    for (std::size_t i = 1; i < groups; ++i) value += "eHl6", expected += "xyz";
    ASSERT_EQ(canonical_of(value), expected);
  }
}

TEST(credentials, for_an_egress_proxy) {
  struct row {
    std::string_view text, value;
  };
  static constexpr row rows[] = {
      {"a:b", "Basic YTpi"},
      {"a:b:c", "Basic YTpiOmM="},
      {"a:", "Basic YTo="},  // RFC 7617 §2 allows it, and some proxies take a key as the user
      {"a: b", "Basic YTogYg=="},
  };
  for (auto const& r : rows) EXPECT_EQ(compose_proxy_authorization(r.text).reveal(), r.value) << r.text;
}

}  // namespace
}  // namespace gateway::credentials_test
