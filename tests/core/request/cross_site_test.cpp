#include "core/request/cross_site.hpp"

#include <gtest/gtest.h>

namespace gateway::cross_site_test {
namespace {

TEST(cross_site, who_may_change_something) {
  struct row {
    std::string_view name;
    std::string_view origin;
    std::string_view site;
    bool foreign;
  };
  static constexpr row rows[] = {
      {"curl", "", "", false},
      {"our own page", "http://127.0.0.1:9464", "same-origin", false},
      {"our own page in an old browser", "http://127.0.0.1:9464", "", false},
      {"typed by a person", "", "none", false},
      {"another site", "https://evil.example", "cross-site", true},
      {"another site in an old browser", "https://evil.example", "", true},
      {"another site that hides its origin", "", "cross-site", true},
      {"a neighbour on the same site", "http://127.0.0.1:8080", "same-site", true},
      {"another port", "http://127.0.0.1:8080", "", true},
      {"a sandboxed frame", "null", "", true},
      {"a file", "file://", "", true},
      {"a word of tomorrow", "", "something-new", true},
      {"only its beginning is ours", "http://127.0.0.1:9464.evil.example", "", true},
  };
  for (auto const& r : rows) {
    request_head head;
    head.host = "127.0.0.1:9464";
    head.origin = r.origin;
    head.sec_fetch_site = r.site;
    EXPECT_EQ(is_cross_site(head), r.foreign) << r.name;
  }
}

TEST(cross_site, a_page_that_may_read_may_write_only_if_it_is_named) {
  struct row {
    std::string_view origin;
    std::string_view site;
    bool with_all;    // allow_origins: ["*"]
    bool with_named;  // allow_origins: [https://app.example]
  };
  static constexpr row rows[] = {
      {"", "", true, true},
      {"http://gateway.internal", "same-origin", true, true},
      {"https://app.example", "cross-site", false, true},
      {"https://evil.example", "cross-site", false, false},
      {"", "cross-site", false, false},
      {"null", "cross-site", false, false},
      {"*", "", false, false},
  };
  cors_policy const all, named{{"https://app.example"}};
  for (auto const& r : rows) {
    request_head head;
    head.host = "gateway.internal";
    head.origin = r.origin;
    head.sec_fetch_site = r.site;
    EXPECT_EQ(may_change(head, all), r.with_all) << r.origin;
    EXPECT_EQ(may_change(head, named), r.with_named) << r.origin;
  }
}

TEST(may_be_rebound, only_names_that_a_stranger_could_own) {
  for (std::string_view const host :
       {"evil.example", "evil.example:9464", "EVIL.Example.", "localhost.evil.example", "127.0.0.1.evil.example"})
    EXPECT_TRUE(may_be_rebound(host)) << host;
  for (std::string_view const host : {"", "localhost", "localhost:9464", "127.0.0.1", "127.0.0.1:9464", "[::1]", "[::1]:9464",
                                      "gateway:9464", "dash.localhost", "dash.LOCALHOST.:80"})
    EXPECT_FALSE(may_be_rebound(host)) << host;
}

}  // namespace
}  // namespace gateway::cross_site_test
