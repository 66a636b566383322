// Invalid upstream answers must be refused. Where exchange_over accepts a message, judge_answer must refuse it: no message here may become
// an answer to a client.
#include <gtest/gtest.h>

#include "core/upstream/verdict.hpp"
#include "upstream/exchange_bench.hpp"

namespace gateway::test::exchange_refusal_test {
namespace {

constexpr std::string_view call = "CA00000000000000000000000000000001";
constexpr std::string_view summary = R"({"call_sid":"CA00000000000000000000000000000001","processing_state":"complete"})";

std::string with_length(std::string_view body) { return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body}; }
std::string sound_but_for(std::string_view field_lines) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string{field_lines} + with_length(summary);
}

// The fault that a client would get, if any.
std::optional<fault> refusal_of(exchange_bench& bench) {
  if (!bench.ended()) return std::nullopt;
  if (bench.result->failed) return bench.result->failed;
  auto const asked = *call_sid::parse(call);
  auto const meaning = judge_answer(bench.result->answer, asked, bench.at.bodies);
  if (meaning.is == verdict_kind::broken) return meaning.why;
  return std::nullopt;
}

TEST(exchange_refusal, a_sound_answer_is_found) {
  auto const bench = exchanged(sound_but_for(""));
  ASSERT_TRUE(bench->succeeded());
  auto const asked = *call_sid::parse(call);
  EXPECT_EQ(judge_answer(bench->result->answer, asked, bench->at.bodies).is, verdict_kind::found);
}

TEST(exchange_refusal, what_is_no_http) {
  for (std::string_view const bytes :
       {"\x16\x03\x01\x02\x01", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "<html></html>\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n"}) {
    auto const bench = exchanged(bytes, then::closes);
    EXPECT_EQ(refusal_of(*bench), fault::upstream_protocol) << bytes;
    EXPECT_TRUE(bench->result->begun) << bytes;
  }
}

TEST(exchange_refusal, garbage_of_each_first_byte) {
  std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  for (int first = 0; first < 256; ++first) {
    if (first == 'H') continue;
    bytes[0] = static_cast<char>(first);
    auto const bench = exchanged(bytes, then::closes);
    ASSERT_EQ(refusal_of(*bench), fault::upstream_protocol) << first;
  }
}

TEST(exchange_refusal, any_byte_of_an_answer_overwritten_by_a_control_byte_never_shows_to_a_client) {
  auto const sound = sound_but_for("X-One: 1\r\n");
  auto const head_size = sound.find("\r\n\r\n") + 4;
  for (char const control : {'\0', '\x01', '\r', '\n', '\x1f', '\x7f'}) {
    for (std::size_t at = 0; at < head_size; ++at) {
      if (sound[at] == control) continue;
      auto broken = sound;
      broken[at] = control;
      auto const bench = exchanged(broken, then::closes);
      ASSERT_TRUE(bench->ended());
      if (bench->result->failed) continue;
      for (auto const& field : bench->result->answer.fields) {
        // An accepted answer contains no byte that could end a header line.
        bool const clean = std::string{field.name}.append(field.value).find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos;
        ASSERT_TRUE(clean || refusal_of(*bench)) << static_cast<int>(control) << " at " << at;
      }
    }
  }
}

TEST(exchange_refusal, fields_that_no_line_of_ours_may_repeat) {
  for (std::string_view const field :
       {"X: a\rb\r\n", "X: a\nb\r\n", "X: a\x01z\r\n", "X: \x7f\r\n", "X y: 1\r\n", "X : 1\r\n", ": 1\r\n", "X\r\n", "X\x80: 1\r\n"}) {
    auto const bench = exchanged(sound_but_for(field), then::closes);
    EXPECT_EQ(refusal_of(*bench), fault::upstream_protocol) << field;
  }
  auto const nul = exchanged(sound_but_for(std::string_view{"X: a\0b\r\n", 8}), then::closes);
  EXPECT_EQ(refusal_of(*nul), fault::upstream_protocol);
}

TEST(exchange_refusal, a_bare_cr_in_the_place_of_a_line_end) {
  for (std::string_view const bytes :
       {"HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\rX: y\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200\r OK\r\nContent-Length: 0\r\n\r\n"}) {
    auto const bench = exchanged(bytes, then::closes);
    ASSERT_TRUE(bench->ended());
    EXPECT_EQ(bench->result->failed, fault::upstream_protocol) << bytes;
  }
}

TEST(exchange_refusal, lengths_that_can_be_understood_in_two_ways) {
  for (std::string_view const lengths :
       {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n", "Content-Length: -1\r\n", "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length: \r\n", "Content-Length: 18446744073709551621\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"}) {
    auto const bench = exchanged("HTTP/1.1 200 OK\r\n" + std::string{lengths} + "\r\nhello", then::closes);
    ASSERT_TRUE(bench->ended());
    EXPECT_TRUE(bench->result->failed) << lengths;
  }
}

TEST(exchange_refusal, chunks_that_are_none) {
  for (std::string_view const chunks :
       {"5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n",
        "5 x\r\nhello\r\n0\r\n\r\n", "5 \r\nhell\r\n0\r\n\r\n", " \r\nhello\r\n0\r\n\r\n", "5 \nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n", "g\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5\r\nhel"}) {
    auto const bench = exchanged("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{chunks}, then::closes);
    ASSERT_TRUE(bench->ended());
    EXPECT_TRUE(bench->result->failed) << chunks;
  }
}

TEST(exchange_refusal, a_body_over_its_limit) {
  answer_limits limits;
  limits.max_body_bytes = 1000;
  std::string const large(1001, 'b');
  std::string const allowed(1000, 'b');
  std::string const head = "HTTP/1.1 200 OK\r\n";

  auto const counted = exchanged(head + with_length(large), then::stays, limits);
  ASSERT_TRUE(counted->ended());
  EXPECT_EQ(counted->result->failed, fault::upstream_body_too_large);
  // The exchange ends when the announced length is too large, before the content arrives.
  auto const announced = exchanged(head + "Content-Length: 4000000000\r\n\r\n", then::stays, limits);
  ASSERT_TRUE(announced->ended());
  EXPECT_EQ(announced->result->failed, fault::upstream_body_too_large);
  auto const until_closed = exchanged(head + "\r\n" + large, then::stays, limits);
  ASSERT_TRUE(until_closed->ended());
  EXPECT_EQ(until_closed->result->failed, fault::upstream_body_too_large);
  auto const chunked = exchanged(
      head + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'b') + "\r\n1f5\r\n" + std::string(501, 'b') + "\r\n0\r\n\r\n",
      then::stays, limits);
  ASSERT_TRUE(chunked->ended());
  EXPECT_EQ(chunked->result->failed, fault::upstream_body_too_large);

  EXPECT_TRUE(exchanged(head + with_length(allowed), then::stays, limits)->succeeded());
  EXPECT_TRUE(exchanged(head + "\r\n" + allowed, then::closes, limits)->succeeded());
  EXPECT_TRUE(exchanged(head + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + allowed + "\r\n0\r\n\r\n", then::stays, limits)->succeeded());
}

TEST(exchange_refusal, a_body_that_large_answers_have_no_memory_for) {
  std::string const head = "HTTP/1.1 200 OK\r\n", body(1500, 'b');
  auto const chunked =
      head + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + body.substr(500) + "\r\n1f4\r\n" + body.substr(1000) + "\r\n0\r\n\r\n";
  for (auto const& bytes : {head + with_length(body), chunked, head + "\r\n" + body}) {
    large_answers all;
    answer_room first{all, {1000, 2000, 2999}}, second{all, {1000, 2000, 2999}};
    answer_limits limits;
    limits.room = &first;
    EXPECT_TRUE(exchanged(bytes, then::closes, limits)->succeeded());
    EXPECT_EQ(all.held(), 1500U);
    limits.room = &second;
    auto const refused = exchanged(bytes, then::closes, limits);
    ASSERT_TRUE(refused->ended());
    EXPECT_EQ(refused->result->failed, fault::large_answers);
    EXPECT_EQ(all.held(), 1500U);
  }
  large_answers all;
  answer_room room{all, {1000, 2000, 9999}};
  answer_limits limits;
  limits.room = &room;
  EXPECT_EQ(exchanged(head + with_length(std::string(2001, 'b')), then::stays, limits)->result->failed, fault::upstream_body_too_large);
}

TEST(exchange_refusal, a_body_without_end_is_not_held) {
  answer_limits limits;
  limits.max_body_bytes = 1000;
  exchange_bench bench;
  bench.limits = limits;
  bench.connect();
  bench.start();
  bench.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  int chunks = 0;
  while (!bench.ended() && chunks < 10'000) ++chunks, bench.send("1\r\nb\r\n");
  EXPECT_LE(chunks, 1001);
  EXPECT_EQ(bench.result->failed, fault::upstream_body_too_large);
}

// Chunk extensions and trailers do not count as part of the body.
TEST(exchange_refusal, a_chunk_s_extension_without_end_is_not_held) {
  exchange_bench bench;
  bench.connect();
  bench.start();
  bench.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=");
  std::string const piece(16 * 1024, 'e');
  for (int i = 0; i < 256 && !bench.ended(); ++i) bench.send(piece);
  EXPECT_TRUE(bench.ended()) << "holds " << bench.input.size() << " bytes of an extension";
}

TEST(exchange_refusal, a_trailer_without_end_is_not_held) {
  exchange_bench bench;
  bench.connect();
  bench.start();
  bench.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
  std::string const line = "X-Trailer: " + std::string(1000, 't') + "\r\n";
  for (int i = 0; i < 4096 && !bench.ended(); ++i) bench.send(line);
  EXPECT_TRUE(bench.ended()) << "holds " << bench.input.size() << " bytes of a trailer";
}

TEST(exchange_refusal, a_header_over_its_limit) {
  answer_limits limits;
  limits.max_header_bytes = 500;
  // Beast applies the limit to the status line and to all fields separately, so the whole is bounded too.
  auto const filler = [](std::size_t fields) {
    std::string const start = "Content-Length: 0\r\nX: ";
    return "HTTP/1.1 200 OK\r\n" + start + std::string(fields - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_TRUE(exchanged(filler(500), then::stays, limits)->succeeded());
  auto const large = exchanged(filler(501), then::stays, limits);
  ASSERT_TRUE(large->ended());
  EXPECT_EQ(large->result->failed, fault::upstream_protocol);

  auto const reason = exchanged("HTTP/1.1 200 " + std::string(600, 'r'), then::stays, limits);
  ASSERT_TRUE(reason->ended());
  EXPECT_EQ(reason->result->failed, fault::upstream_protocol);

  exchange_bench endless;
  endless.limits = limits;
  endless.connect();
  endless.start();
  endless.send("HTTP/1.1 200 OK\r\n");
  int lines = 0;
  while (!endless.ended() && lines < 1000) ++lines, endless.send("X: y\r\n");
  EXPECT_LT(lines, 100);
  EXPECT_EQ(endless.result->failed, fault::upstream_protocol);
}

TEST(exchange_refusal, a_field_that_beast_cannot_hold) {
  answer_limits limits;
  limits.max_header_bytes = 1024 * 1024;
  for (std::size_t const size : {60'000, 70'000, 200'000}) {
    auto const value = std::string(size, 'x');
    auto const bench = exchanged("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + value + "\r\n\r\n", then::stays, limits);
    ASSERT_TRUE(bench->ended()) << size;
    EXPECT_EQ(bench->result->failed, size < 65'000 ? std::nullopt : std::optional{fault::upstream_protocol}) << size;
  }
}

TEST(exchange_refusal, more_fields_than_an_answer_needs) {
  answer_limits limits;
  auto const with_fields = [](std::size_t count) {
    std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    for (std::size_t i = 1; i < count; ++i) bytes += "a:\r\n";
    return bytes + "\r\n";
  };
  EXPECT_TRUE(exchanged(with_fields(limits.max_fields), then::stays, limits)->succeeded());
  auto const many = exchanged(with_fields(limits.max_fields + 1), then::stays, limits);
  ASSERT_TRUE(many->ended());
  EXPECT_EQ(many->result->failed, fault::upstream_protocol);
}

TEST(exchange_refusal, interim_answers_without_end) {
  std::string const interim = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string const last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  std::string some;
  for (int i = 0; i < 8; ++i) some += interim;
  EXPECT_TRUE(exchanged(some + last)->succeeded());
  auto const many = exchanged(some + interim + last);
  ASSERT_TRUE(many->ended());
  EXPECT_EQ(many->result->failed, fault::upstream_protocol);
}

TEST(exchange_refusal, an_interim_answer_has_no_content) {
  auto const bench = exchanged("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello" + sound_but_for(""), then::closes);
  EXPECT_EQ(refusal_of(*bench), fault::upstream_protocol);
}

TEST(exchange_refusal, a_switch_of_protocols_nobody_asked_for) {
  auto const bench = exchanged("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + sound_but_for(""));
  EXPECT_EQ(refusal_of(*bench), fault::upstream_unexpected_status);
}

TEST(exchange_refusal, statuses_that_mean_nothing_to_us) {
  for (std::string_view const status : {"000", "099", "201", "206", "302", "600", "999"}) {
    auto const bench = exchanged("HTTP/1.1 " + std::string{status} + " ?\r\n" + with_length(summary));
    EXPECT_TRUE(refusal_of(*bench)) << status;
  }
}

TEST(exchange_refusal, a_request_that_cannot_be_sent_has_not_begun_an_answer) {
  exchange_bench bench;
  bench.connect();
  bench.upstream.close();
  bench.start();
  ASSERT_TRUE(bench.ended());
  EXPECT_EQ(bench.result->failed, fault::upstream_protocol);
  EXPECT_FALSE(bench.result->begun);
}

}  // namespace
}  // namespace gateway::test::exchange_refusal_test
