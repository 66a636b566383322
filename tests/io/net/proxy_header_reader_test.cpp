// The reader takes the whole PROXY header off a connection, and nothing more.
#include "io/net/proxy_header_reader.hpp"

#include <gtest/gtest.h>

#include "io/runtime/worker.hpp"
#include "memory_stream.hpp"
#include "net/socket_pair.hpp"

namespace gateway::test::proxy_header_reader_test {
namespace {

const std::string v1 = "PROXY TCP4 192.0.2.7 198.51.100.1 12345 443\r\n";
const std::string v2{"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xc0\0\x02\x07\xc6\x33\x64\x01\x30\x39\x01\xbb\x04\0\x01x", 32};

struct announced {
  announced() {
    at.start_task("announced", read());
    run();
  }
  void run() { run_ready(at.loop); }
  void send(std::string_view bytes) {
    ends.client.send(bytes);
    run();
  }
  task<void> read() {
    found = co_await read_proxy_header(ends.server);
    is_over = true;
  }
  // The bytes that remain for HTTP or TLS.
  std::string left() {
    std::array<char, 100> bytes{};
    auto const size = ::recv(ends.server.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  worker at{1};
  socket_pair ends{at.get_executor()};
  proxy_header found;
  bool is_over = false;
};

TEST(proxy_header_reader, is_taken_whole_however_it_comes_and_what_follows_stays) {
  for (auto const& header : {v1, v2}) {
    for (std::size_t cut = 0; cut <= header.size(); ++cut) {
      announced one;
      one.send(std::string_view{header}.substr(0, cut));
      EXPECT_EQ(one.is_over, cut == header.size());
      one.send(header.substr(cut) + "GET / HTTP/1.1");
      ASSERT_TRUE(one.is_over) << cut;
      EXPECT_EQ(one.found.source, ip_address::parse("192.0.2.7")) << cut;
      EXPECT_EQ(one.left(), "GET / HTTP/1.1") << cut;
    }
  }
}

TEST(proxy_header_reader, may_come_byte_by_byte) {
  for (auto const& header : {v1, v2}) {
    announced one;
    for (char const byte : header) {
      EXPECT_FALSE(one.is_over);
      one.send({&byte, 1});
    }
    EXPECT_TRUE(one.is_over);
    EXPECT_EQ(one.found.source, ip_address::parse("192.0.2.7"));
  }
}

TEST(proxy_header_reader, that_is_cut_short_is_malformed_and_silence_is_nothing) {
  for (auto const& header : {v1, v2}) {
    for (std::size_t cut = 0; cut < header.size(); ++cut) {
      announced one;
      one.send(std::string_view{header}.substr(0, cut));
      one.ends.client.close();
      one.run();
      ASSERT_TRUE(one.is_over) << cut;
      EXPECT_EQ(one.found.is, cut == 0 ? proxy_header::state::need_more : proxy_header::state::refused) << cut;
      EXPECT_EQ(one.found.why, cut == 0 ? proxy_fault::missing : proxy_fault::malformed) << cut;
    }
  }
}

TEST(proxy_header_reader, that_is_none_is_refused_at_once) {
  announced one;
  one.send("GET / HTTP/1.1\r\n");
  EXPECT_TRUE(one.is_over);
  EXPECT_EQ(one.found.is, proxy_header::state::refused);
  EXPECT_EQ(one.found.why, proxy_fault::missing);
}

TEST(proxy_header_reader, ends_with_its_connection) {
  announced one;
  error_code ignored;
  one.ends.server.close(ignored);
  one.run();
  EXPECT_TRUE(one.is_over);
  EXPECT_EQ(one.found.is, proxy_header::state::need_more);
}

}  // namespace
}  // namespace gateway::test::proxy_header_reader_test
