#include "core/upstream/page_links.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/upstream/json_members.hpp"
#include "upstream/answers.hpp"

namespace gateway::page_links_test {
namespace {

constexpr page_hosts hosts{"twilio.test:8443", "http://gw.internal:8080"};

// The body that a client gets, or the fault.
std::string led(std::string body, const page_hosts& at = hosts) {
  body_reader reader;
  auto answer = made_answer(200, std::move(body));
  auto meaning = judge_passthrough(answer, std::nullopt, reader);
  lead_pages_here(answer, meaning, at, reader);
  return meaning.is == verdict_kind::broken ? std::string{name_of(meaning.why)} : answer.body;
}

std::string list(std::string_view next) { return R"({"events":[],"meta":{"key":"events","next_page_url":)" + std::string{next} + "}}"; }

TEST(page_links, the_four_addresses_lead_here) {
  EXPECT_EQ(
      led(R"({"meta": {"url":"https://insights.twilio.com/v1/a", "first_page_url" : "https://insights.twilio.com/v1/b?Page=0",)"
          R"( "previous_page_url":null,"next_page_url":"https://insights.twilio.com/v1/c?Page=1&PageToken=PT%3D"} , "events":[1 , 2]})"),
      R"({"meta": {"url":"http://gw.internal:8080/v1/a", "first_page_url" : "http://gw.internal:8080/v1/b?Page=0",)"
      R"( "previous_page_url":null,"next_page_url":"http://gw.internal:8080/v1/c?Page=1&PageToken=PT%3D"} , "events":[1 , 2]})");
}

TEST(page_links, own_addresses_in_all_their_spellings) {
  struct row {
    std::string_view from;
    std::string_view to;
  };
  const row rows[] = {
      {R"("https://twilio.test:8443/v1/x")", R"("http://gw.internal:8080/v1/x")"},
      {R"("https://insights.twilio.com:443/v1/x")", R"("http://gw.internal:8080/v1/x")"},
      {R"("http://insights.twilio.com:80/v1/x")", R"("http://gw.internal:8080/v1/x")"},
      {R"("HTTPS://Insights.Twilio.COM/v1/x")", R"("http://gw.internal:8080/v1/x")"},
      {R"("https:\/\/insights.twilio.com\/v1\/x")", R"("http://gw.internal:8080\/v1\/x")"},
      {R"("https:\u002f\u002Finsights.twilio.com\u002Fv1")", R"("http://gw.internal:8080\u002Fv1")"},
      {R"("\u0068ttps://insights\u002etwilio.com/v1")", R"("http://gw.internal:8080/v1")"},
      {R"("https://insights.twilio.com")", R"("http://gw.internal:8080")"},
      {R"("https://insights.twilio.com?Page=1")", R"("http://gw.internal:8080?Page=1")"},
      {R"("https://insights.twilio.com/v1/x?q=\"\\\ud83d\ude00ü")", R"("http://gw.internal:8080/v1/x?q=\"\\\ud83d\ude00ü")"},
  };
  for (auto const& r : rows) EXPECT_EQ(led(list(r.from)), list(r.to)) << r.from;
}

TEST(page_links, what_names_no_host_stays) {
  for (auto const* const value : {"null", R"("")", R"("/v1/x?Page=1")", R"("\/v1\/x")", R"("/")", R"("?Page=1")", "17", "true",
                                  R"({"next_page_url":"https://evil.test/"})", R"(["https://evil.test/"])"}) {
    EXPECT_EQ(led(list(value)), list(value));
  }
}

TEST(page_links, a_page_at_another_host_is_not_delivered) {
  for (auto const* const value : {R"("https://evil.test/v1")",
                                  R"("https://insights.twilio.com.evil.test/v1")",
                                  R"("https://evil.test:8443/v1")",
                                  R"("https://twilio.test/v1")",
                                  R"("https://twilio.test:8444/v1")",
                                  R"("https://insights.twilio.com:80/v1")",
                                  R"("http://insights.twilio.com:443/v1")",
                                  R"("https://insights.twilio.com@evil.test/v1")",
                                  R"("https://user:secret@insights.twilio.com/v1")",
                                  R"("//evil.test/v1")",
                                  R"("//insights.twilio.com/v1")",
                                  R"("\/\/evil.test")",
                                  R"("/\\evil.test")",
                                  R"("/\tevil.test")",
                                  R"("/\u0009/evil.test")",
                                  R"("\\\\evil.test")",
                                  R"("https:evil.test")",
                                  R"("https:/evil.test")",
                                  R"("https:\\\\evil.test/")",
                                  R"("ftp://insights.twilio.com/")",
                                  R"("javascript:alert")",
                                  R"(" https://insights.twilio.com/v1")",
                                  R"("https://insights.twilio.com\\@evil.test/")",
                                  R"("https://insights.twilio.com\t/v1")",
                                  R"("https://insights.twilio.com#/v1")",
                                  R"("v1/x")",
                                  R"("https://insights.twilio.com//evil.test/")",
                                  R"("https://ınsights.twilio.com/")",
                                  R"("https://")",
                                  R"("https:///v1")",
                                  R"("h")"}) {
    EXPECT_EQ(led(list(value)), "upstream_foreign_page") << value;
  }
  auto const long_host = R"("https://)" + std::string(100'000, 'a') + R"(/v1")";
  EXPECT_EQ(led(list(long_host)), "upstream_foreign_page");
}

// A client takes the first or the last of equal keys, so each of them counts, however it is written.
TEST(page_links, no_key_that_decides_is_missed) {
  auto const own = R"("https://insights.twilio.com/a")", here = R"("http://gw.internal:8080/a")", evil = R"("https://evil.test/a")";
  auto const twice = [](std::string_view first, std::string_view second) {
    return R"({"meta":{"url":)" + std::string{first} + R"(,"url":)" + std::string{second} + "}}";
  };
  auto const two_metas = [](std::string_view first, std::string_view second) {
    return R"({"meta":{"url":)" + std::string{first} + R"(},"\u006deta":{"u\u0072l":)" + std::string{second} + "}}";
  };
  EXPECT_EQ(led(twice(own, own)), twice(here, here));
  EXPECT_EQ(led(two_metas(own, own)), two_metas(here, here));
  for (auto const& both : {twice(own, evil), twice(evil, own), two_metas(own, evil), two_metas(evil, own)})
    EXPECT_EQ(led(both), "upstream_foreign_page") << both;
}

TEST(page_links, only_the_meta_of_the_list_counts) {
  for (auto const* const body :
       {R"({"events":[{"meta":{"url":"https://evil.test/"},"url":"https://insights.twilio.com/v1"}]})",
        R"({"url":"https://evil.test/","next_page_url":"https://evil.test/"})",
        R"({"meta":{"key":"x","other":{"url":"https://evil.test/"},"page_url":"https://evil.test/"}})",
        R"({"meta":"{\"url\":\"https://evil.test/\"}"})", R"({"meta":[{"url":"https://evil.test/"}]})",
        R"([{"meta":{"url":"https://evil.test/"}}])", R"("meta")", "null", "{}", " {} ", R"({"Meta":{"url":"x"}})",
        R"({"a":"\",\"meta\":{\"url\":\"https://evil.test/\"}","\netaurl":1})", R"({"meta":{"\nurl":"https://evil.test/"}})"}) {
    EXPECT_EQ(led(body), body);
  }
}

TEST(page_links, a_body_that_cannot_be_read_could_lead_anywhere) {
  for (auto const* const body :
       {"<html>", "", R"({"meta":{"url":"https://evil.test/"})", R"({"meta":{"url":NaN}})", "\xef\xbb\xbf{}", R"({"a":1} {"meta":{}})"}) {
    EXPECT_EQ(led(body), "upstream_unusable_body") << body;
  }
}

TEST(page_links, rewriting_does_not_make_a_small_body_large) {
  auto const with = [](int count) {
    std::string body = R"({"meta":{"url":null)";
    for (int i = 0; i < count; ++i) body += R"(,"url":"/")";
    return body + "}}";
  };
  EXPECT_EQ(led(with(64)), with(64));
  EXPECT_EQ(led(with(65)), "upstream_unusable_body");
}

TEST(page_links, a_digest_goes_with_the_bytes_that_it_describes) {
  auto const fields_of = [](const std::string& body) {
    body_reader reader;
    auto answer =
        made_answer(200, body, {{"Content-MD5", "x"}, {"Digest", "x"}, {"Content-Digest", "x"}, {"repr-digest", "x"}, {"A", "b"}});
    auto meaning = judge_passthrough(answer, std::nullopt, reader);
    lead_pages_here(answer, meaning, hosts, reader);
    return answer.fields.size();
  };
  EXPECT_EQ(fields_of(list(R"("https://insights.twilio.com/v1")")), fields_of(list("null")) - 4);
}

TEST(page_links, only_a_delivered_answer_has_pages) {
  body_reader reader;
  auto answer = made_answer(404, R"({"code":20404,"meta":{"url":"https://evil.test/"}})");
  auto meaning = judge_passthrough(answer, std::nullopt, reader);
  lead_pages_here(answer, meaning, hosts, reader);
  EXPECT_EQ(meaning.is, verdict_kind::absent);
}

TEST(page_links, the_gateways_origin_is_set_or_what_the_client_wrote) {
  EXPECT_EQ(own_origin("https://gw.example", false, "10.0.0.1:8080"), "https://gw.example");
  EXPECT_EQ(own_origin("https://gw.example/", false, ""), "https://gw.example");
  EXPECT_EQ(own_origin("", false, "10.0.0.1:8080"), "http://10.0.0.1:8080");
  EXPECT_EQ(own_origin("", true, "insights.twilio.com"), "https://insights.twilio.com");
  EXPECT_EQ(own_origin("", true, ""), "") << "HTTP/1.0";
  EXPECT_EQ(own_origin("", true, std::string(260, 'a')), "") << "no host is that long";
  EXPECT_EQ(led(list(R"("https://insights.twilio.com/v1/x")"), {"twilio.test", ""}), list(R"("/v1/x")"));
}

class any_json {
public:
  explicit any_json(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  std::string blank() { return std::array{"", " ", "\n", "\t ", "\r\n"}[below(5)]; }
  std::string text() {
    std::string made = "\"";
    for (auto left = below(6); left > 0; --left)
      made += std::array{
          "meta", "url", "\\\"", "\\\\", "\\u0022", "{", "}", "[", ",", ":", "https://insights.twilio.com/", "ü", "\\n"}[below(13)];
    return made + "\"";
  }
  std::string value(int depth = 3) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0:
        return std::array{"null", "true", "-1.5e3", "0", "{}", "[]", "[ ]"}[below(7)];
      case 4: {
        std::string made = "[" + value(depth - 1);
        for (auto left = below(3); left > 0; --left) made += blank() + "," + blank() + value(depth - 1);
        return made + blank() + "]";
      }
      case 5:
        return "{" + blank() + member(depth - 1) + "," + R"("meta":{"url":"https://evil.test"}})";
      default:
        return text();
    }
  }
  std::string member(int depth = 3) { return R"("x)" + text().substr(1) + blank() + ":" + blank() + value(depth); }

private:
  std::mt19937 random_;
};

// The body is made of pieces; those that are addresses have another text in what the client must get.
TEST(page_links, outside_the_addresses_every_byte_is_the_same) {
  std::string const upstream = R"("https://insights.twilio.com/v1/x?Page=)", here = R"("http://gw.internal:8080/v1/x?Page=)";
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    any_json any{seed};
    std::string given = any.blank() + "{", expected = given;
    auto const both = [&](const std::string& text) { given += text, expected += text; };
    both(any.member());
    for (auto metas = any.below(3); metas > 0; --metas) {
      both(any.blank() + R"(,"meta":)" + any.blank() + "{" + any.member());
      for (auto links = any.below(5); links > 0; --links) {
        both(any.blank() + "," + std::array{R"("url")", R"("next_page_url")", R"("first\u005fpage_url")"}[any.below(3)] + any.blank() +
             ":");
        auto const tail = std::to_string(any.below(10)) + "\"";
        given += upstream + tail;
        expected += here + tail;
        both(any.blank() + "," + any.member());
      }
      both("}" + any.blank() + "," + any.member());
    }
    both("}" + any.blank());
    ASSERT_EQ(led(given), expected) << given;
  }
}

TEST(json_members, of_what_is_no_json_nothing_outside_is_read) {
  std::string const text = R"({"a" : "\u00e9\"" , "b":[{"c":"}"},1] ,"d":{} , "e":-1})";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    std::vector<char> const cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));  // the sanitizer knows its end
    each_member({cut.data(), cut.size()}, [&](std::string_view name, std::string_view value) {
      for (json_chars at{name}; at.next();) continue;
      for (json_chars at{value}; at.next();) continue;
    });
  }
}

}  // namespace
}  // namespace gateway::page_links_test
