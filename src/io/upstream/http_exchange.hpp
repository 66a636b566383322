// One request and its answer over any stream, parsed strictly: sizes are bounded, interim answers are skipped, and bytes after the answer
// stay in the input for the caller to check.
// Thread rule: runs on the stream's worker. Time rule: the caller sets deadlines and closes the stream when they pass.
#pragma once

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory_resource>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/base/fault.hpp"
#include "core/base/secret.hpp"
#include "core/telemetry/hop_ledger.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/answer_room.hpp"
#include "core/upstream/chunk_lines.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/tls_stream.hpp"

namespace gateway {

struct exchange_result {
  upstream_answer answer;
  std::optional<fault> failed;  // set: there is no answer
  error_code why;               // what the stream said, if it failed
  bool sent = false;            // the upstream may have received part of the request
  bool begun = false;           // a byte of an answer was received
  bool unacknowledged = false;  // it was ended because its bytes stayed unacknowledged for too long
  bool keep_alive = false;      // the connection may carry another exchange
};

struct answer_limits {
  std::uint64_t max_header_bytes = 32 * 1024;
  std::uint64_t max_body_bytes = 1024 * 1024;
  std::size_t max_fields = 256;  // ten times what Twilio sends
  answer_room* room = nullptr;   // set: it may hold a larger body
};

// Beast allocates a node for each field; this allocator places them side by side in the exchange's memory.
using field_memory = std::pmr::polymorphic_allocator<char>;
using response_parser = boost::beast::http::response_parser<boost::beast::http::string_body, field_memory>;

// What the failure of an open connection is called.
fault fault_of(const error_code& failed);

// Why a write failed. A TLS alert that arrived before the upstream closed the connection says more than the closing.
template <class Stream>
error_code reason_of(Stream&, const error_code& unsent) {
  return unsent;
}
error_code reason_of(tls_stream& stream, const error_code& unsent);

// Copies the status and the header fields. Trailers are not part of the header (RFC 9110 §6.5.1).
void take_header(const response_parser& parser, upstream_answer& answer);

// Whether there is room for the body as far as it is known: its announced length, or what has come.
bool has_room(const response_parser& parser, answer_room* room);

// Gives a parser the bytes of one answer as they come.
class answer_reader {
public:
  answer_reader(response_parser& parser, upstream_answer& answer, std::size_t max_fields)
      : parser_(parser), answer_(answer), max_fields_(max_fields) {
    parser_.on_chunk_header(note_chunk_);
  }
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  // Takes out of `input` what belongs to the answer. need_more: the answer is not complete.
  error_code read(std::string& input);

private:
  std::size_t put(asio::const_buffer bytes, error_code& error);

  response_parser& parser_;
  upstream_answer& answer_;
  std::size_t max_fields_;
  bool header_taken_ = false;
  chunk_lines lines_;
  std::uint64_t chunk_left_ = 0;  // of the chunk at hand
  std::function<void(std::uint64_t, boost::beast::string_view, error_code&)> note_chunk_ =
      [this](std::uint64_t size, boost::beast::string_view, error_code&) { chunk_left_ = size; };
};

// Reads until the parser has one complete message; later bytes stay in `input`.
template <class Stream>
task<error_code> receive_answer(Stream& stream, std::string& input, response_parser& parser, answer_limits limits, exchange_result& result,
                                hop_ledger& hops) {
  static constexpr std::size_t receive_size = 16 * 1024;
  answer_reader reader{parser, result.answer, limits.max_fields};
  while (true) {
    auto error = reader.read(input);
    if (error && error != boost::beast::http::error::need_more) co_return error;
    if (!has_room(parser, limits.room)) co_return boost::beast::http::make_error_code(boost::beast::http::error::buffer_overflow);
    if (parser.is_done()) co_return error;
    // Beast itself would wait without limit for the end of a chunk's first line.
    // defence: chunk-line-size
    if (input.size() > limits.max_header_bytes) co_return boost::beast::http::make_error_code(boost::beast::http::error::header_limit);
    auto const kept = input.size();
    input.resize(kept + receive_size);
    auto const room = asio::buffer(input) + kept;
    auto const [failed, received] = co_await read_some(stream, room);
    input.resize(kept + received);
    if (received > 0 && !result.begun) {
      result.begun = true;
      hops.enter(hop::body, mono_now());
    }
    if (failed == asio::error::eof && parser.got_some() && input.empty()) {  // defence: eof-only
      // defence: cut-body
      parser.put_eof(error);  // success if the connection's end delimits the answer, else an error
      co_return error;
    }
    if (failed) co_return failed;
  }
}

template <class Stream>
task<exchange_result> exchange_over(Stream& stream, std::string& input, const secret& request, answer_limits limits, hop_ledger& hops) {
  static constexpr int max_interim_answers = 8;
  exchange_result result;
  hops.enter(hop::send, mono_now());
  auto const text = request.reveal();
  result.sent = true;
  auto const bytes = asio::buffer(text);
  auto const [unsent, sent] = co_await write_all(stream, bytes);
  if (unsent) {
    result.why = reason_of(stream, unsent);
    result.failed = fault_of(result.why);
    co_return result;
  }
  hops.enter(hop::first_byte, mono_now());
  // defence: interim-bound
  for (int interim = 0; interim <= max_interim_answers; ++interim) {
    std::array<std::byte, 2048> space{};  // larger answers use the heap
    std::pmr::monotonic_buffer_resource memory{space.data(), space.size()};
    response_parser parser{std::piecewise_construct, std::make_tuple(), std::make_tuple(field_memory{&memory})};
    parser.header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));  // defence: answer-head-size
    auto const largest = limits.room != nullptr ? limits.room->most() : limits.max_body_bytes;
    parser.body_limit(largest);  // defence: body-size
    result.answer = {};
    auto const cut = co_await receive_answer(stream, input, parser, limits, result, hops);
    if (cut) {
      result.failed = fault_of(cut);
      result.why = cut;
      co_return result;
    }
    if (is_interim(result.answer.status)) continue;  // defence: interim-skipped
    result.keep_alive = parser.keep_alive();
    result.answer.body = std::move(parser.get().body());
    co_return result;
  }
  result.failed = fault::upstream_protocol;
  co_return result;
}

}  // namespace gateway
