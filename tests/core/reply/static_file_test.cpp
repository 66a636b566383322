#include "core/reply/static_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/unpack.hpp"
#include "core/reply/reply.hpp"
#include "core/request/head.hpp"
#include "reply/response.hpp"

namespace gateway::static_file_test {
namespace {

const static_file& page() {
  static const static_file made{"text/html; charset=utf-8", "<p>" + std::string(3'000, 'x')};
  return made;
}

int number_in(std::string_view status_line) { return std::stoi(std::string{status_line.substr(9, 3)}); }

// The response to a request with these header lines.
response asked(std::string_view fields, bool head_only = false) {
  auto const request = std::string{"GET / HTTP/1.1\r\nHost: x\r\n"}.append(fields).append("\r\n");
  auto const head = parse_head(request, {});
  EXPECT_TRUE(head) << fields;
  reply_context context;
  context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  context.request_id = "id-1";
  context.head_only = head_only;
  context.if_none_match = head->if_none_match;
  context.accept_encoding = head->accept_encoding;
  std::string out;
  auto const status = append_file(out, page(), "Content-Security-Policy: default-src 'none'\r\n", context);
  auto const answer = take_apart(out);
  EXPECT_TRUE(answer.well_formed) << out;
  EXPECT_EQ(number_in(answer.status_line), status);
  EXPECT_EQ(answer.field("Content-Security-Policy"), "default-src 'none'");
  EXPECT_EQ(answer.field("Vary"), "Accept-Encoding");
  EXPECT_EQ(answer.field("Cache-Control"), "no-cache");
  return answer;
}

TEST(static_file, is_given_as_it_is_or_packed_to_those_who_list_gzip) {
  auto const plain = asked("");
  EXPECT_EQ(number_in(plain.status_line), 200);
  EXPECT_EQ(plain.body, page().plain.bytes);
  EXPECT_EQ(plain.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(plain.field("Content-Encoding"), "(none)");
  auto const packed = asked("Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.field("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.field("Content-Length"), std::to_string(packed.body.size()));
  EXPECT_LT(packed.body.size(), plain.body.size() / 10);
  EXPECT_EQ(unpacked(packed.body), plain.body);
}

TEST(static_file, is_not_sent_again_to_those_who_have_just_that_form) {
  struct row {
    std::string fields;
    int status;
  };
  auto const plain = "If-None-Match: " + page().plain.etag + "\r\n";
  auto const packed = "If-None-Match: " + page().gzip.etag + "\r\n";
  std::string const gzip = "Accept-Encoding: gzip\r\n";
  row const rows[] = {{plain, 304}, {packed, 200}, {gzip + packed, 304}, {gzip + plain, 200}, {"If-None-Match: \"other\"\r\n", 200}};
  for (auto const& r : rows) {
    auto const answer = asked(r.fields);
    EXPECT_EQ(number_in(answer.status_line), r.status) << r.fields;
    EXPECT_EQ(answer.body.empty(), r.status == 304) << r.fields;
    EXPECT_TRUE(answer.has("ETag")) << r.fields;
  }
}

TEST(static_file, has_tags_that_follow_its_bytes) {
  EXPECT_NE(page().plain.etag, page().gzip.etag);
  EXPECT_EQ(static_file("text/css", page().plain.bytes).plain.etag, page().plain.etag);
  EXPECT_NE(static_file("text/css", page().plain.bytes + "y").plain.etag, page().plain.etag);
}

TEST(static_file, has_no_body_for_head_but_its_length) {
  auto const answer = asked("", true);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.field("Content-Length"), std::to_string(page().plain.bytes.size()));
}

}  // namespace
}  // namespace gateway::static_file_test
