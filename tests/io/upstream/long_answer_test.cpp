// Parsing an answer costs work in proportion to its length, however it is framed.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "../core/work.hpp"
#include "io/upstream/http_exchange.hpp"

namespace gateway::test::long_answer_test {
namespace {

std::string repeated(std::string_view begin, std::string_view part, std::size_t times, std::string_view end) {
  std::string all{begin};
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all.append(end);
}

void parse(const std::string& bytes) {
  response_parser parser;
  parser.header_limit(1 << 30);
  parser.body_limit(1 << 30);
  upstream_answer answer;
  answer_reader reader{parser, answer, 1 << 30};
  auto input = bytes;
  ASSERT_FALSE(reader.read(input)) << bytes.substr(0, 200);
  ASSERT_TRUE(parser.is_done());
}

TEST(long_answer, costs_in_proportion) {
  static constexpr std::string_view chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct row {
    std::string_view name;
    std::function<std::string(std::size_t)> make;
    std::size_t size = 10'000;
  };
  const row rows[] = {
      {"tiny chunks", [](std::size_t n) { return repeated(chunked, "1\r\nx\r\n", n, "0\r\n\r\n"); }},
      {"padded chunks", [](std::size_t n) { return repeated(chunked, "1   \r\nx\r\n", n, "0 \r\n\r\n"); }},
      {"chunk extensions", [](std::size_t n) { return repeated(std::string{chunked} + "1", ";a=\"b\"", n, "\r\nx\r\n0\r\n\r\n"); }},
      {"blanks behind a chunk's size", [](std::size_t n) { return repeated(std::string{chunked} + "1", " \t", n, "\r\nx\r\n0\r\n\r\n"); }},
      {"trailers", [](std::size_t n) { return repeated(std::string{chunked} + "0\r\n", "A: b\r\n", n, "\r\n"); }},
      {"fields", [](std::size_t n) { return repeated("HTTP/1.1 200 OK\r\n", "A: b\r\n", n, "Content-Length: 0\r\n\r\n"); }},
      {"Connection", [](std::size_t n) { return repeated("HTTP/1.1 200 OK\r\nConnection: a", ", b", n, "\r\nContent-Length: 0\r\n\r\n"); },
       4'000},
      {"Transfer-Encoding",
       [](std::size_t n) { return repeated("HTTP/1.1 200 OK\r\nTransfer-Encoding: a", ", b", n, ", chunked\r\n\r\n0\r\n\r\n"); }, 4'000},
  };
  for (auto const& one : rows) EXPECT_LT(growth_of_work(one.size, one.make, parse), too_much_growth) << one.name;
}

}  // namespace
}  // namespace gateway::test::long_answer_test
