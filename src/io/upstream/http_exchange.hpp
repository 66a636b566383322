// One request and its answer over any stream, read strictly: bounded, interim answers skipped, bytes behind the answer left for
// the caller to notice.
// Thread rule: runs on the stream's worker. Time rule: deadlines are the caller's, who closes the stream.
#pragma once

#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "core/base/fault.hpp"
#include "core/base/secret.hpp"
#include "core/telemetry/hop_ledger.hpp"
#include "core/upstream/answer.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

struct exchange_result {
  upstream_answer answer;
  std::optional<fault> failed;  // then there is no answer
  bool begun = false;           // a byte of an answer was seen
  bool keep_alive = false;      // the answer allows another exchange
};

struct answer_limits {
  std::uint64_t max_header_bytes = 32 * 1024;
  std::uint64_t max_body_bytes = 1024 * 1024;
};

using response_parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

upstream_answer take_answer(response_parser::value_type&& message);

// Reads until the parser has one whole message; what comes behind it stays in `input`.
template <class Stream>
task<error_code> receive_answer(Stream& stream, std::string& input, response_parser& parser, bool& begun, hop_ledger& hops) {
  static constexpr std::size_t receive_size = 16 * 1024;
  while (true) {
    error_code error;
    if (!input.empty()) {
      auto const understood = parser.put(asio::buffer(input), error);
      input.erase(0, understood);
      if (error == boost::beast::http::error::need_more) error = {};
      if (error || parser.is_done()) co_return error;
    }
    auto const kept = input.size();
    input.resize(kept + receive_size);
    auto const room = asio::buffer(input) + kept;
    auto const [failed, received] = co_await stream.async_read_some(room, use_op);
    input.resize(kept + received);
    if (received > 0 && !begun) {
      begun = true;
      hops.enter(hop::body, mono_now());
    }
    if (failed == asio::error::eof && parser.got_some() && input.empty()) {
      parser.put_eof(error);  // right if the answer is delimited by the connection's end, else an error
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
  auto const [unsent, sent] = co_await asio::async_write(stream, asio::buffer(text), use_op);
  if (unsent) {
    result.failed = fault::upstream_protocol;
    co_return result;
  }
  hops.enter(hop::first_byte, mono_now());
  for (int interim = 0; interim <= max_interim_answers; ++interim) {
    response_parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    parser.body_limit(limits.max_body_bytes);
    parser.eager(true);
    auto const cut = co_await receive_answer(stream, input, parser, result.begun, hops);
    if (cut) {
      result.failed = cut == boost::beast::http::error::body_limit ? fault::upstream_unusable_body : fault::upstream_protocol;
      co_return result;
    }
    if (is_interim(static_cast<int>(parser.get().result_int()))) continue;
    result.keep_alive = parser.keep_alive();
    result.answer = take_answer(parser.release());
    co_return result;
  }
  result.failed = fault::upstream_protocol;
  co_return result;
}

}  // namespace gateway
