#pragma once
// A connection to a webhook sink, plain or TLS: opened once, used for one exchange after another.
// Thread rule: lives on the main thread.
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>

#include "async.hpp"
#include "sink_url.hpp"

namespace simulator {

class sink_connection {
public:
  using request = boost::beast::http::request<boost::beast::http::string_body>;

  struct outcome {
    outcome() = default;
    explicit outcome(std::string why) : error(std::move(why)) {}
    unsigned status = 0;  // 0: no answer, for the reason `error`
    std::string error;
    bool reusable = false;
  };

  explicit sink_connection(asio::io_context& context) : context_(context), socket_(context.get_executor()) {}

  // `name` is the host that the certificate must be for. An empty text means that the connection is open.
  task<std::string> open(const sink_url& where, const std::string& name, const std::string& ca_pem);
  task<outcome> exchange(const request& message);
  void close();  // ends whatever it does
  bool closed() const { return closed_; }

private:
  task<std::string> start_tls(const std::string& name, const std::string& ca_pem);

  asio::io_context& context_;
  tcp_socket socket_;
  std::optional<asio::ssl::context> tls_settings_;
  std::optional<asio::ssl::stream<tcp_socket&>> tls_;
  boost::beast::flat_buffer buffer_;
  bool closed_ = false;
};

}  // namespace simulator
