#include "io/upstream/http_exchange.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/ssl/error.hpp>
#include <stdexcept>

namespace gateway {

// OpenSSL also reports a connection that ended without a close_notify as its own error, which is no failure of TLS.
fault fault_of(const error_code& failed) {
  if (failed == boost::beast::http::error::body_limit) return fault::upstream_body_too_large;
  if (failed == boost::beast::http::error::buffer_overflow) return fault::large_answers;
  bool const is_tls = failed.category() == asio::error::get_ssl_category() &&
                      ERR_GET_REASON(static_cast<unsigned long>(failed.value())) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return is_tls ? fault::upstream_tls : fault::upstream_protocol;
}

bool has_room(const response_parser& parser, answer_room* room) {
  if (room == nullptr) return true;
  auto const announced = parser.is_header_done() ? parser.content_length() : boost::none;
  return room->fit(announced ? *announced : parser.get().body().size());
}

void take_header(const response_parser& parser, upstream_answer& answer) {
  auto const& header = parser.get().base();
  answer.status = static_cast<int>(header.result_int());
  std::string text;
  text.reserve(1024);  // seldom more
  std::size_t count = 0;
  for (auto const& field : header) {
    text.append(field.name_string()).append(field.value());
    ++count;
  }
  auto rest = answer.hold(std::move(text));
  auto const take = [&](std::size_t size) {
    auto const taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  };
  answer.fields.reserve(count);
  for (auto const& field : header) {
    auto const name = take(field.name_string().size());
    answer.fields.push_back({name, take(field.value().size())});
  }
}

error_code reason_of(tls_stream& stream, const error_code& unsent) {
  char byte{};
  std::size_t size = 0;
  auto const said = stream.read_now(asio::buffer(&byte, 1), size);
  return fault_of(said) == fault::upstream_tls ? said : unsent;
}

std::size_t answer_reader::put(asio::const_buffer bytes, error_code& error) {
  try {
    return parser_.put(bytes, error);
  } catch (const std::length_error&) {
    // Beast cannot hold a field of 64 KiB, which is within the bounds if upstream.max_header_bytes is larger.
    error = boost::beast::http::error::header_limit;
    return 0;
  }
}

// Erased once a call: erased after each chunk, an answer of tiny chunks would move the bytes behind it thousands of times.
error_code answer_reader::read(std::string& input) {
  // "0\r\n\r\n": Beast's parser takes for granted that a last chunk is that long when it comes back to it.
  static constexpr std::size_t shortest_chunk = 5;
  error_code error;
  std::size_t at = 0;
  while (at < input.size() && !error && !parser_.is_done()) {
    if (header_taken_ && parser_.chunked() && chunk_left_ == 0) {
      auto const blanks = lines_.take_blanks(std::span{input}.subspan(at));
      if (!blanks) break;
      at += *blanks;
      if (input.size() - at < shortest_chunk) break;
    }
    bool const in_chunk = chunk_left_ > 0;
    auto const used = put(asio::buffer(input) + at, error);
    at += used;
    if (in_chunk) chunk_left_ -= used;
    if (parser_.is_header_done() && !std::exchange(header_taken_, true)) {
      take_header(parser_, answer_);
      if (answer_.fields.size() > max_fields_) error = boost::beast::http::error::header_limit;  // defence: answer-field-count
    }
  }
  input.erase(0, at);
  return error;
}

}  // namespace gateway
