#include "core/request/head.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "verdict_words.hpp"

namespace gateway::head_test {
namespace {

using namespace std::string_literals;

// "ok", "content" (ok, but content follows), the fault's name, or "need more": a session's result for these bytes at the start of a
// connection.
std::string verdict_on(std::string_view bytes, const head_limits& limits = {}) {
  std::size_t looked_at = 0;
  auto const end = find_head_end(bytes, looked_at, limits);
  if (end.is == head_boundary::state::need_more) return "need more";
  if (end.is == head_boundary::state::refused) return std::string{name_of(end.why)};
  auto const head = parse_head(bytes.substr(0, end.size), limits);
  return head && head->content_framed ? "content" : word_for(head);
}

std::string get(std::string_view fields) { return "GET / HTTP/1.1\r\n"s.append(fields).append("\r\n"); }
std::string hosted(std::string_view fields) { return get("Host: h\r\n"s.append(fields)); }

struct row {
  std::string name;
  std::string bytes;
  std::string_view expected;
};

void expect_all(std::initializer_list<row> rows) {
  for (auto const& r : rows) EXPECT_EQ(verdict_on(r.bytes), r.expected) << r.name;
}

TEST(head, request_line) {
  auto const line = [](std::string_view text) { return std::string{text} + "\r\nHost: h\r\n\r\n"; };
  expect_all({
      {"plain", line("GET / HTTP/1.1"), "ok"},
      {"unknown method is a matter of the route", line("BREW / HTTP/1.1"), "ok"},
      {"method is a token", line("G@T / HTTP/1.1"), "malformed_request_line"},
      {"no method", line(" / HTTP/1.1"), "malformed_request_line"},
      {"leading space", line(" GET / HTTP/1.1"), "malformed_request_line"},
      {"no target", line("GET HTTP/1.1"), "malformed_request_line"},
      {"no version (HTTP/0.9)", line("GET /"), "malformed_request_line"},
      {"method only", line("GET"), "malformed_request_line"},
      {"two spaces before the target", line("GET  / HTTP/1.1"), "malformed_target"},
      {"two spaces before the version", line("GET /  HTTP/1.1"), "malformed_target"},
      {"trailing space", line("GET / HTTP/1.1 "), "malformed_request_line"},
      {"tab for space", line("GET\t/\tHTTP/1.1"), "malformed_request_line"},
      {"space in the target", line("GET /a b HTTP/1.1"), "malformed_target"},
      {"lower case version", line("GET / http/1.1"), "malformed_request_line"},
      {"version without minor", line("GET / HTTP/1"), "malformed_request_line"},
      {"version with two digits", line("GET / HTTP/1.10"), "malformed_request_line"},
      {"version with letters", line("GET / HTTP/x.y"), "malformed_request_line"},
      {"HTTP/2", line("GET / HTTP/2.0"), "unsupported_version"},
      {"HTTP/1.2 is answered as HTTP/1.1", line("GET / HTTP/1.2"), "ok"},
      {"HTTP/1.9", line("GET / HTTP/1.9"), "ok"},
      {"HTTP/3", line("GET / HTTP/3.0"), "unsupported_version"},
      {"HTTP/0.9 spelt out", line("GET / HTTP/0.9"), "unsupported_version"},
      {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "unsupported_version"},
      {"NUL in the method", line("GE\0T / HTTP/1.1"s), "malformed_request_line"},
      {"NUL in the target", line("GET /\0 HTTP/1.1"s), "malformed_target"},
      {"bare CR in the target", line("GET /\r HTTP/1.1"), "malformed_target"},
      {"bare CR at the end", line("GET / HTTP/1.1\r"), "malformed_request_line"},
      {"bare LF", "GET / HTTP/1.1\nHost: h\r\n\r\n", "malformed_request_line"},
      {"TLS to a plain port", "\x16\x03\x01\x02\x00\n"s, "tls_on_http"},
  });
}

TEST(head, field_lines) {
  expect_all({
      {"no space after the colon", get("Host:h\r\n"), "ok"},
      {"tabs and spaces around the value", get("Host: \t h \t\r\n"), "ok"},
      {"empty value", hosted("X:\r\n"), "ok"},
      {"obs-text in a value", hosted("X: caf\xe9\r\n"), "ok"},
      {"space before the colon", get("Host : h\r\n"), "malformed_header"},
      {"tab before the colon", get("Host\t: h\r\n"), "malformed_header"},
      {"space inside the name", hosted("X Y: z\r\n"), "malformed_header"},
      {"obs-fold by space", hosted("X: a\r\n b\r\n"), "malformed_header"},
      {"obs-fold by tab", hosted("X: a\r\n\tb\r\n"), "malformed_header"},
      {"obs-fold that looks like a field", hosted("X: a\r\n Y: b\r\n"), "malformed_header"},
      {"fold on the first line", get(" Host: h\r\n"), "malformed_header"},
      {"no colon", hosted("X\r\n"), "malformed_header"},
      {"empty name", hosted(": x\r\n"), "malformed_header"},
      {"illegal byte in the name", hosted("X(: y\r\n"), "malformed_header"},
      {"0x80 in the name", hosted("X\x80: y\r\n"), "malformed_header"},
      {"NUL in the name", hosted("X\0: y\r\n"s), "malformed_header"},
      {"NUL in a value", hosted("X: a\0b\r\n"s), "malformed_header"},
      {"DEL in a value", hosted("X: a\x7f\r\n"), "malformed_header"},
      {"escape in a value", hosted("X: \x1b[31m\r\n"), "malformed_header"},
      {"bare CR in a value", hosted("X: a\rY: b\r\n"), "malformed_header"},
      {"CR CR LF", hosted("X: a\r\r\n"), "malformed_header"},
      {"bare LF after a field", hosted("X: a\nY: b\r\n"), "malformed_header"},
      {"bare LF ends the head", "GET / HTTP/1.1\r\nHost: h\r\n\n", "malformed_header"},
  });
}

TEST(head, host) {
  expect_all({
      {"missing", get(""), "missing_host"},
      {"missing in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "ok"},
      {"any name will do", get("Host: insights.twilio.com\r\n"), "ok"},
      {"empty", get("Host:\r\n"), "malformed_host"},
      {"empty in HTTP/1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n", "malformed_host"},
      {"a port alone", get("Host: :80\r\n"), "malformed_host"},
      {"with a port", get("Host: h:8080\r\n"), "ok"},
      {"IPv6", get("Host: [::1]:8080\r\n"), "ok"},
      {"twice, equal", get("Host: h\r\nHost: h\r\n"), "duplicate_host"},
      {"twice, in another case of the name", get("Host: h\r\nhOST: i\r\n"), "duplicate_host"},
      {"twice in HTTP/1.0", "GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n", "duplicate_host"},
      {"list", get("Host: h, i\r\n"), "malformed_host"},
      {"list without space", get("Host: h,i\r\n"), "malformed_host"},
      {"user", get("Host: u@h\r\n"), "malformed_host"},
      {"path", get("Host: h/x\r\n"), "malformed_host"},
      {"malformed in HTTP/1.0 too", "GET / HTTP/1.0\r\nHost: h/x\r\n\r\n", "malformed_host"},
      {"absolute-form, consistent", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "ok"},
      {"absolute-form, another case", "GET HTTP://H/ HTTP/1.1\r\nHost: h\r\n\r\n", "ok"},
      {"absolute-form, contradicting", "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", "host_mismatch"},
      {"absolute-form, another port", "GET http://h:81/ HTTP/1.1\r\nHost: h\r\n\r\n", "host_mismatch"},
      {"absolute-form, the default port spelt out", "GET http://h:80/ HTTP/1.1\r\nHost: h\r\n\r\n", "ok"},
      {"absolute-form, the default port in Host", "GET https://h/ HTTP/1.1\r\nHost: h:443\r\n\r\n", "ok"},
      {"absolute-form, a port in Host only", "GET http://h/ HTTP/1.1\r\nHost: h:8080\r\n\r\n", "host_mismatch"},
      {"absolute-form without Host", "GET http://h/ HTTP/1.1\r\n\r\n", "missing_host"},
  });
}

TEST(head, content) {
  expect_all({
      {"length 0 is no content", hosted("Content-Length: 0\r\n"), "ok"},
      {"a body", hosted("Content-Length: 5\r\n"), "content"},
      {"padded by white space", hosted("Content-Length:  5 \r\n"), "content"},
      {"plus sign", hosted("Content-Length: +5\r\n"), "malformed_content_length"},
      {"minus sign", hosted("Content-Length: -1\r\n"), "malformed_content_length"},
      {"hexadecimal", hosted("Content-Length: 0x5\r\n"), "malformed_content_length"},
      {"2^64", hosted("Content-Length: 18446744073709551616\r\n"), "malformed_content_length"},
      {"2^64 - 1", hosted("Content-Length: 18446744073709551615\r\n"), "content"},
      {"list", hosted("Content-Length: 0, 0\r\n"), "malformed_content_length"},
      {"empty", hosted("Content-Length:\r\n"), "malformed_content_length"},
      {"words", hosted("Content-Length: five\r\n"), "malformed_content_length"},
      {"fraction", hosted("Content-Length: 0.0\r\n"), "malformed_content_length"},
      {"twice, equal", hosted("Content-Length: 0\r\nContent-Length: 0\r\n"), "malformed_content_length"},
      {"twice, different", hosted("Content-Length: 0\r\ncontent-length: 5\r\n"), "malformed_content_length"},
      {"chunked", hosted("Transfer-Encoding: chunked\r\n"), "content"},
      {"chunked, another case", hosted("transfer-encoding: CHUNKED\r\n"), "content"},
      {"chunked in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed_transfer_encoding"},
      {"length and coding", hosted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "ambiguous_framing"},
      {"coding and length", hosted("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), "ambiguous_framing"},
      {"odd coding and length", hosted("Transfer-Encoding: x\r\nContent-Length: +5\r\n"), "ambiguous_framing"},
      {"gzip", hosted("Transfer-Encoding: gzip\r\n"), "malformed_transfer_encoding"},
      {"gzip, chunked", hosted("Transfer-Encoding: gzip, chunked\r\n"), "unsupported_transfer_coding"},
      {"gzip with a parameter, chunked", hosted("Transfer-Encoding: gzip;q=1 , chunked\r\n"), "unsupported_transfer_coding"},
      {"chunked, chunked", hosted("Transfer-Encoding: chunked, chunked\r\n"), "malformed_transfer_encoding"},
      {"identity, chunked", hosted("Transfer-Encoding: identity, chunked\r\n"), "malformed_transfer_encoding"},
      {"no token, chunked", hosted("Transfer-Encoding: g zip, chunked\r\n"), "malformed_transfer_encoding"},
      {"gzip, chunked in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "malformed_transfer_encoding"},
      {"chunked, gzip", hosted("Transfer-Encoding: chunked, gzip\r\n"), "malformed_transfer_encoding"},
      {"identity", hosted("Transfer-Encoding: identity\r\n"), "malformed_transfer_encoding"},
      {"xchunked", hosted("Transfer-Encoding: xchunked\r\n"), "malformed_transfer_encoding"},
      {"chunked with a vertical tab", hosted("Transfer-Encoding: \vchunked\r\n"), "malformed_header"},
      {"quoted", hosted("Transfer-Encoding: \"chunked\"\r\n"), "malformed_transfer_encoding"},
      {"with a parameter", hosted("Transfer-Encoding: chunked;q=1\r\n"), "malformed_transfer_encoding"},
      {"empty", hosted("Transfer-Encoding:\r\n"), "malformed_transfer_encoding"},
      {"twice", hosted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "malformed_transfer_encoding"},
      {"hidden by a space before the colon", hosted("Transfer-Encoding : chunked\r\n"), "malformed_header"},
      {"hidden by folding", hosted("Transfer-Encoding:\r\n chunked\r\n"), "malformed_header"},
      {"on HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", "content"},
      {"on POST", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", "content"},
  });
}

TEST(head, other_fields_that_decide) {
  expect_all({
      {"two credentials", hosted("Authorization: Basic YTpi\r\nauthorization: Basic YTpi\r\n"), "duplicate_authorization"},
      {"an empty one counts", hosted("Authorization:\r\nAuthorization: Basic YTpi\r\n"), "duplicate_authorization"},
      {"Expect: 100-continue", hosted("Expect: 100-Continue\r\n"), "ok"},
      {"another expectation", hosted("Expect: the-spanish-inquisition\r\n"), "unsupported_expectation"},
      {"Upgrade is ignored", hosted("Upgrade: websocket\r\nConnection: upgrade\r\n"), "ok"},
      {"Connection cannot unname credentials", hosted("Connection: Authorization, Host\r\nAuthorization: Basic YTpi\r\n"), "ok"},
  });
}

std::string list_of(const field_lines& lines) {
  std::string text;
  for (auto const line : lines) text.append("[").append(line).append("]");
  return text;
}

TEST(head, lines_of_a_list_field_are_one_list) {
  auto const bytes = hosted(
      "If-None-Match: \"a\"\r\nAccept-Encoding: br\r\nIf-None-Match: \"b\", \"c\"\r\nAccept-Encoding: gzip;q=0.5\r\n"
      "If-None-Match:\r\nIf-None-Match: \"d\"\r\nIf-None-Match: \"one too many\"\r\n");
  auto const head = parse_head(bytes, {});
  ASSERT_TRUE(head);
  EXPECT_EQ(list_of(head->if_none_match), "[\"a\"][\"b\", \"c\"][][\"d\"]");
  EXPECT_EQ(list_of(head->accept_encoding), "[br][gzip;q=0.5]");
}

TEST(head, what_a_browser_says_about_itself) {
  auto const bytes = hosted("Origin: http://h\r\nSec-Fetch-Site: same-origin\r\n");
  auto const head = parse_head(bytes, {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->host, "h");
  EXPECT_EQ(head->origin, "http://h");
  EXPECT_EQ(head->sec_fetch_site, "same-origin");
}

TEST(head, keeps_what_we_act_on) {
  auto const bytes =
      "GET /v1/x?y=z HTTP/1.1\r\nHost: h\r\nAUTHORIZATION:Basic YTpi \r\nif-none-match: \"a\"\r\nX-REQUEST-ID: 7\r\nConnection: "
      "Authorization\r\n\r\n"s;
  auto const head = parse_head(bytes, {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->path, "/v1/x");
  EXPECT_EQ(head->query, "y=z");
  EXPECT_EQ(head->authorization, "Basic YTpi");
  EXPECT_EQ(list_of(head->if_none_match), "[\"a\"]");
  EXPECT_EQ(head->request_id, "7");
  EXPECT_FALSE(head->http_1_0);
  EXPECT_FALSE(head->asterisk_form);
}

TEST(head, keeps_what_content_is_said_to_be) {
  auto const type = [](std::string_view fields) { return std::string{parse_head(hosted(fields), {})->content_type}; };
  auto const coded = [](std::string_view fields) { return parse_head(hosted(fields), {})->content_coded; };
  EXPECT_EQ(type(""), "");
  EXPECT_EQ(type("content-type:  a/b; c=d \r\n"), "a/b; c=d");
  EXPECT_EQ(type("Content-Type: a/b\r\nContent-Type: c/d\r\n"), "c/d");
  EXPECT_FALSE(coded(""));
  EXPECT_FALSE(coded("Content-Encoding: Identity\r\n"));
  EXPECT_TRUE(coded("content-encoding: gzip\r\n"));
  EXPECT_TRUE(coded("Content-Encoding: gzip\r\nContent-Encoding: identity\r\n")) << "one is enough";
}

TEST(head, options_of_the_server_itself) {
  auto const head = parse_head("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {});
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->asterisk_form);
}

TEST(head, persistence) {
  struct case_of {
    std::string_view version;
    std::string_view fields;
    bool stays;
  };
  static constexpr case_of cases[] = {
      {"1.1", "", true},
      {"1.1", "Connection: keep-alive\r\n", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: CLOSE\r\n", false},
      {"1.1", "Connection: keep-alive, close\r\n", false},
      {"1.1", "Connection: close\r\nConnection: keep-alive\r\n", false},
      {"1.1", "Connection: keep-alive\r\nConnection: x, close\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection:\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: keep-alive\r\n", true},
      {"1.0", "Connection: Keep-Alive, x\r\n", true},
      {"1.0", "Connection: x\r\nConnection: keep-alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
      {"1.0", "Connection: close\r\nConnection: keep-alive\r\n", false},
  };
  for (auto const& c : cases) {
    auto const bytes = "GET / HTTP/"s.append(c.version).append("\r\nHost: h\r\n").append(c.fields).append("\r\n");
    auto const head = parse_head(bytes, {});
    ASSERT_TRUE(head) << bytes;
    EXPECT_EQ(head->keep_alive, c.stays) << bytes;
    EXPECT_EQ(head->http_1_0, c.version == "1.0") << bytes;
  }
}

TEST(head, limits_name_what_was_too_long) {
  auto const target = [](std::size_t size) { return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"; };
  head_limits const defaults;
  EXPECT_EQ(verdict_on(target(defaults.max_target_bytes)), "ok");
  EXPECT_EQ(verdict_on(target(defaults.max_target_bytes + 1)), "target_too_long");
  EXPECT_EQ(verdict_on(target(100'000)), "target_too_long");
  EXPECT_EQ(verdict_on("GET /" + std::string(300'000, 'a')), "target_too_long");  // without a line end
  EXPECT_EQ(verdict_on(hosted("X: " + std::string(100'000, 'a') + "\r\n")), "header_too_large");
  EXPECT_EQ(verdict_on("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300'000, 'a')), "header_too_large");

  auto const fields = [](std::size_t count) {
    std::string text = "Host: h\r\n";
    for (std::size_t i = 1; i < count; ++i) text += "X: y\r\n";
    return get(text);
  };
  EXPECT_EQ(verdict_on(fields(defaults.max_fields)), "ok");
  EXPECT_EQ(verdict_on(fields(defaults.max_fields + 1)), "too_many_headers");
  EXPECT_EQ(verdict_on(fields(10'000)), "header_too_large");
}

TEST(head, a_head_of_exactly_the_limit_is_taken) {
  auto const whole = hosted("X: y\r\n");
  head_limits limits;
  limits.max_bytes = whole.size();
  EXPECT_EQ(verdict_on(whole, limits), "ok");
  EXPECT_EQ(verdict_on(whole + "GET", limits), "ok") << "what follows is the next request's";
  limits.max_bytes = whole.size() - 1;
  EXPECT_EQ(verdict_on(whole, limits), "header_too_large");
}

TEST(head, a_hello_of_tls_is_known_by_its_first_bytes) {
  for (std::string_view const hello : {"\x16\x03", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n"}) {
    std::size_t looked_at = 0;
    auto const end = find_head_end(hello, looked_at, {});
    EXPECT_EQ(end.is, head_boundary::state::refused);
    EXPECT_EQ(end.why, fault::tls_on_http);
  }
  std::size_t looked_at = 0;
  EXPECT_EQ(find_head_end("\x16", looked_at, {}).is, head_boundary::state::need_more);
}

TEST(head, what_follows_is_not_taken) {
  auto const one = hosted("");
  auto const two = one + hosted("Connection: close\r\n");
  std::size_t looked_at = 0;
  auto const end = find_head_end(two, looked_at, {});
  ASSERT_EQ(end.is, head_boundary::state::complete);
  EXPECT_EQ(end.size, one.size());
}

TEST(head, empty_lines_before_a_request_can_be_skipped) {
  EXPECT_EQ(leading_empty_lines("GET / HTTP/1.1\r\n", 0), 0u);
  EXPECT_EQ(leading_empty_lines("\r\nGET / HTTP/1.1\r\n", 0), 2u);
  EXPECT_EQ(leading_empty_lines("\r\n\r\n", 0), 4u);
  EXPECT_EQ(leading_empty_lines("\r\n\r", 0), 2u);
  EXPECT_EQ(leading_empty_lines("\n\r\n", 0), 0u);
  EXPECT_EQ(leading_empty_lines("", 0), 0u);
}

TEST(head, empty_lines_are_forgiven_a_few_times_only) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "\r\n";
  EXPECT_EQ(leading_empty_lines(many, 0), 8u);
  std::size_t skipped = 0;  // when they arrive one by one
  while (auto const more = leading_empty_lines("\r\n", skipped)) skipped += more;
  EXPECT_EQ(skipped, 8u);
  EXPECT_EQ(verdict_on("\r\n"), "malformed_request_line");
}

// However the bytes are split, the result is the same, and it is known after the same byte.
TEST(head, splitting_changes_nothing) {
  std::mt19937_64 random{7};
  static constexpr std::string_view pieces[] = {"GET / HTTP/1.1",  "\r\n", "\r", "\n", "Host: h", "X: y", "\r\n\r\n", " ",
                                                "0123456789abcdef"};
  head_limits limits;
  limits.max_bytes = 80;
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes = random() % 4 ? "GET / HTTP/1.1\r\nHost: h\r\n" : "";
    for (auto count = random() % 9; count > 0; --count) bytes += pieces[random() % std::size(pieces)];

    std::size_t whole_at = 0;
    auto const whole = find_head_end(bytes, whole_at, limits);
    std::size_t split_at = 0;
    head_boundary split;
    std::size_t fed = 0;
    while (split.is == head_boundary::state::need_more && fed < bytes.size()) {
      fed = std::min(bytes.size(), fed + 1 + (round % 2 ? random() % 5 : 0));
      split = find_head_end(std::string_view{bytes}.substr(0, fed), split_at, limits);
    }
    ASSERT_EQ(split.is, whole.is) << bytes;
    ASSERT_EQ(split.size, whole.size) << bytes;
    ASSERT_EQ(split.why, whole.why) << bytes;
  }
}

// Any single byte changed, doubled or dropped: there is always a result, and no view leaves the buffer (ASan checks).
TEST(head, every_single_byte_error_ends_in_a_verdict) {
  auto const good =
      "GET http://h/v1/Voice/CA00000000000000000000000000000001/Summary?ProcessingState=all HTTP/1.1\r\nHost: h\r\nAuthorization: Basic "
      "YTpi\r\nConnection: "
      "close\r\n\r\n"s;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; byte += 5) {
      auto bad = good;
      bad[at] = static_cast<char>(byte);
      auto const exact = std::make_unique<char[]>(bad.size());  // no terminator after it
      std::ranges::copy(bad, exact.get());
      EXPECT_NE(verdict_on({exact.get(), bad.size()}), "");
    }
  }
}

}  // namespace
}  // namespace gateway::head_test
