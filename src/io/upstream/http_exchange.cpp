#include "io/upstream/http_exchange.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/ssl/error.hpp>

namespace gateway {

// OpenSSL also reports a connection that ended without a close_notify as its own error, which is no failure of TLS.
fault fault_of(const error_code& failed) {
  if (failed == boost::beast::http::error::body_limit) return fault::upstream_unusable_body;
  bool const is_tls = failed.category() == asio::error::get_ssl_category() &&
                      ERR_GET_REASON(static_cast<unsigned long>(failed.value())) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return is_tls ? fault::upstream_tls : fault::upstream_protocol;
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

}  // namespace gateway
