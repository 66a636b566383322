// What is sent to an egress proxy, and what its answers mean, in pieces of any size.
#include "core/upstream/tunnel.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::tunnel_test {
namespace {

using namespace std::string_literals;

constexpr std::size_t max_bytes = 1024;

tunnel_state judged(std::string_view bytes, std::size_t piece, int* status = nullptr) {
  tunnel_answer answer{max_bytes};
  auto state = tunnel_state::unfinished;
  for (std::size_t at = 0; at < bytes.size() && state == tunnel_state::unfinished; at += piece)
    state = answer.take(bytes.substr(at, piece));
  if (status != nullptr) *status = answer.status();
  return state;
}

TEST(tunnel, the_request) {
  EXPECT_EQ(compose_connect("insights.twilio.com:443", "").reveal(),
            "CONNECT insights.twilio.com:443 HTTP/1.1\r\nHost: insights.twilio.com:443\r\nUser-Agent: summary-gateway\r\n\r\n");
  EXPECT_EQ(compose_connect("[2001:db8::1]:8443", "Basic YTpi").reveal(),
            "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\nProxy-Authorization: Basic YTpi\r\n"
            "User-Agent: summary-gateway\r\n\r\n");
}

struct row {
  std::string bytes;
  tunnel_state expected;
  int status = 0;
};

TEST(tunnel, answers_in_pieces_of_any_size) {
  static const row rows[] = {
      {"HTTP/1.1 200 Connection established\r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.1 200\r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.1 200 \r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.1 204 Fine\r\n\r\n", tunnel_state::open, 204},
      {"HTTP/1.1 299 Odd\r\n\r\n", tunnel_state::open, 299},
      // A 2xx to CONNECT has no content, whatever it says.
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", tunnel_state::open, 200},
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n", tunnel_state::wants_credential, 407},
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n", tunnel_state::refused, 403},
      {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", tunnel_state::refused, 302},
      {"HTTP/1.1 503 Busy\r\n\r\n", tunnel_state::refused, 503},
      {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", tunnel_state::refused, 101},
      {"HTTP/1.1 401 Unauthorized\r\n\r\n", tunnel_state::wants_credential, 401},
      // Not HTTP/1.x, or not surely.
      {"SSH-2.0-OpenSSH_9.2\r\n", tunnel_state::refused},
      {"\x16\x03\x01\x02\x01", tunnel_state::refused},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/2.0 200 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.2 200 OK\r\n\r\n", tunnel_state::refused},
      {"http/1.1 200 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1  200 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 20 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 2000 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 099 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 600 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 +20 OK\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 OK\r\nX : a\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", tunnel_state::refused},
      {"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"s, tunnel_state::refused},
      {"HTTP/1.1 200 OK\nX: a\n\n\r\n\r\n", tunnel_state::refused},
      // Not at its end yet.
      {"H", tunnel_state::unfinished},
      {"HTTP/1.1 2", tunnel_state::unfinished},
      {"HTTP/1.1 200 OK\r\nX: y\r\n", tunnel_state::unfinished},
      {"HTTP/1.1 200 OK\r\nX: y\r\n\r", tunnel_state::unfinished},
      {"HTTP/1.1 100 Continue\r\n\r\n", tunnel_state::unfinished, 100},
      {"HTTP/1.1 100 Continue\r\n\r\nHTT", tunnel_state::unfinished, 100},
      {"HTTP/1.1 100 Continue\r\n\r\nxyz", tunnel_state::refused, 100},
  };
  for (auto const& r : rows) {
    for (std::size_t piece = 1; piece <= r.bytes.size(); ++piece) {
      int status = 0;
      ASSERT_EQ(judged(r.bytes, piece, &status), r.expected) << r.bytes << " in pieces of " << piece;
      ASSERT_EQ(status, r.status) << r.bytes << " in pieces of " << piece;
    }
  }
}

// Bytes that came with the head would be taken for the upstream's, which speaks only after the gateway has.
TEST(tunnel, bytes_after_the_head_refuse_it) {
  for (std::string_view const more : {"x", "\x16\x03\x01", "<html></html>", "HTTP/1.1 200 OK\r\n\r\n"}) {
    auto const bytes = "HTTP/1.1 200 OK\r\n\r\n" + std::string{more};
    EXPECT_EQ(judged(bytes, bytes.size()), tunnel_state::refused) << more;
  }
}

TEST(tunnel, interim_answers_have_an_end) {
  std::string flood;
  for (int i = 0; i < tunnel_answer::max_interim_answers; ++i) flood += "HTTP/1.1 100 C\r\n\r\n";
  EXPECT_EQ(judged(flood + "HTTP/1.1 200 OK\r\n\r\n", 1), tunnel_state::open);
  EXPECT_EQ(judged("HTTP/1.1 100 C\r\n\r\n" + flood + "HTTP/1.1 200 OK\r\n\r\n", 1), tunnel_state::refused);
}

TEST(tunnel, heads_have_a_size) {
  auto const padded = [](std::size_t size) {
    std::string const begin = "HTTP/1.1 200 OK\r\nX: ", end = "\r\n\r\n";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end;
  };
  for (std::size_t const piece : {std::size_t{1}, std::size_t{100}, max_bytes + 1}) {
    EXPECT_EQ(judged(padded(max_bytes), piece), tunnel_state::open) << piece;
    EXPECT_EQ(judged(padded(max_bytes + 1), piece), tunnel_state::refused) << piece;
  }
  tunnel_answer endless{max_bytes};
  ASSERT_EQ(endless.take("HTTP/1.1 200 OK\r\n"), tunnel_state::unfinished);
  int lines = 0;
  while (endless.take("X: y\r\n") == tunnel_state::unfinished) ASSERT_LT(++lines, 1000) << "it never ends";
}

TEST(tunnel, faults) {
  EXPECT_EQ(fault_of(tunnel_state::open), std::nullopt);
  EXPECT_EQ(fault_of(tunnel_state::wants_credential), fault::egress_auth);
  EXPECT_EQ(fault_of(tunnel_state::refused), fault::egress_refused);
  EXPECT_EQ(fault_of(tunnel_state::unfinished), fault::egress_refused) << "the proxy said nothing more";
}

}  // namespace
}  // namespace gateway::tunnel_test
