// Request content as received: each row is parsed whole and byte by byte, with the same result.
#include "core/request/content.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::content_test {
namespace {

using namespace std::string_literals;

constexpr std::size_t limit = 64;

// "content|rest", the fault's name, or "need more".
std::string read(const content_framing& framed, std::string_view bytes, std::size_t piece) {
  content_reader reader{framed, limit};
  std::string pending;
  std::string_view left = bytes;
  do {
    auto const size = std::min(piece, left.size());
    pending.append(left.substr(0, size));
    left.remove_prefix(size);
    pending.erase(0, reader.take(pending));
  } while (reader.is() == content_reader::state::need_more && !left.empty());
  if (reader.is() == content_reader::state::need_more) return "need more";
  if (reader.is() == content_reader::state::refused) return std::string{name_of(reader.why())};
  return reader.content() + "|" + pending + std::string{left};
}

struct row {
  std::string name;
  std::string bytes;
  std::string expected;
};

void expect_all(const content_framing& framed, std::initializer_list<row> rows) {
  for (auto const& r : rows) {
    EXPECT_EQ(read(framed, r.bytes, r.bytes.size()), r.expected) << r.name;
    EXPECT_EQ(read(framed, r.bytes, 1), r.expected) << r.name << ", byte by byte";
    EXPECT_EQ(read(framed, r.bytes, 3), r.expected) << r.name << ", three by three";
  }
}

TEST(content, by_length) {
  expect_all({false, 5}, {
                             {"whole", "hello", "hello|"},
                             {"and what follows", "helloGET", "hello|GET"},
                             {"not yet whole", "hell", "need more"},
                         });
  expect_all({false, limit + 1}, {{"too large is refused before it comes", "", "content_too_large"}});
}

TEST(content, chunked) {
  expect_all({true, 0},
             {
                 {"one chunk", "5\r\nhello\r\n0\r\n\r\nGET", "hello|GET"},
                 {"several", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello|"},
                 {"none", "0\r\n\r\n", "|"},
                 {"upper and lower case, leading zeros", "000A\r\n0123456789\r\n00a\r\n0123456789\r\n000\r\n\r\n", "01234567890123456789|"},
                 {"data that looks like chunks", "7\r\n0\r\n\r\nab\r\n0\r\n\r\n", "0\r\n\r\nab|"},
                 {"not yet whole", "5\r\nhello\r\n0\r\n", "need more"},
                 {"extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello|"},
                 {"extension with white space", "5 ; a = \"b;\\\"c\" ;d\r\nhello\r\n0\r\n\r\n", "hello|"},
                 {"trailer fields", "0\r\nA: b\r\nC:\r\n\r\n", "|"},
                 {"too large as a whole", "20\r\n" + std::string(0x20, 'x') + "\r\n21\r\n", "content_too_large"},
                 {"too large at once", "41\r\n", "content_too_large"},
                 {"16 digits", "fffffffffffffff0\r\n", "content_too_large"},
             });
}

TEST(content, chunks_that_two_readers_could_read_differently) {
  expect_all({true, 0}, {
                            {"no size", "\r\nhello\r\n0\r\n\r\n", "malformed_content"},
                            {"0x", "0x5\r\nhello\r\n", "malformed_content"},
                            {"plus", "+5\r\nhello\r\n", "malformed_content"},
                            {"minus", "-5\r\nhello\r\n", "malformed_content"},
                            {"underscore", "1_0\r\nhello\r\n", "malformed_content"},
                            {"leading space", " 5\r\nhello\r\n", "malformed_content"},
                            {"trailing space", "5 \r\nhello\r\n", "malformed_content"},
                            {"17 digits wrap", "10000000000000005\r\nhello\r\n", "malformed_content"},
                            {"bare LF after the size", "5\nhello\r\n0\r\n\r\n", "malformed_content"},
                            {"bare LF alone", "\nhello", "malformed_content"},
                            {"bare CR after the size", "5\rhello\r\n", "malformed_content"},
                            {"data runs over", "5\r\nhello!\r\n0\r\n\r\n", "malformed_content"},
                            {"no CRLF after the data", "5\r\nhello0\r\n\r\n", "malformed_content"},
                            {"bare LF after the data", "5\r\nhello\n0\r\n\r\n", "malformed_content"},
                            {"semicolon and nothing", "5;\r\nhello\r\n", "malformed_content"},
                            {"extension without a token", "5;bad[=x\r\nhello\r\n", "malformed_content"},
                            {"extension without a value", "5;a=\r\nhello\r\n", "malformed_content"},
                            {"open quote", "5;a=\"b\r\nhello\r\n", "malformed_content"},
                            {"escape at the end of a quote", "5;a=\"b\\\r\nhello\r\n", "malformed_content"},
                            {"LF in a quote", "5;a=\"\n\"\r\nhello\r\n", "malformed_content"},
                            {"NUL in an extension", "5;a\0\r\nhello\r\n"s, "malformed_content"},
                            {"CR in an extension", "5;a\rX\r\nhello\r\n", "malformed_content"},
                            {"text behind the size", "5 a\r\nhello\r\n", "malformed_content"},
                            {"trailer without a colon", "0\r\nbad trailer\r\n\r\n", "malformed_content"},
                            {"trailer with a space before the colon", "0\r\nA : b\r\n\r\n", "malformed_content"},
                            {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "malformed_content"},
                            {"bare LF ends the trailers", "0\r\n\n", "malformed_content"},
                        });
}

TEST(content, what_is_wrapped_around_it_is_bounded) {
  EXPECT_EQ(read({true, 0}, "1;" + std::string(5'000, 'a'), 100), "content_too_large");
  std::string trailers = "0\r\n";
  for (int i = 0; i < 5'000; ++i) trailers += "A: b\r\n";
  EXPECT_EQ(read({true, 0}, trailers, 1'000), "content_too_large");
  std::string tiny;
  for (int i = 0; i < 60; ++i) tiny += "1;" + std::string(400, 'a') + "\r\nx\r\n";
  EXPECT_EQ(read({true, 0}, tiny, tiny.size()), "content_too_large") << "an honest 60 bytes in 24 KB of wrapping";
}

}  // namespace
}  // namespace gateway::content_test
