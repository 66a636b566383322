#include "sink_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace simulator {
namespace {

namespace http = boost::beast::http;
using resolver = asio::ip::basic_resolver<tcp, executor>;

constexpr std::uint32_t head_limit = 64 * 1024;
constexpr std::uint64_t content_limit = 64 * 1024;

template <class Stream>
task<sink_connection::outcome> exchange_over(Stream& stream, boost::beast::flat_buffer& buffer, const sink_connection::request& message) {
  const auto [unsent, sent] = co_await http::async_write(stream, message, yielding);
  if (unsent) co_return sink_connection::outcome{unsent.message()};
  http::response_parser<http::string_body> parser;
  parser.header_limit(head_limit);
  parser.body_limit(content_limit);
  const auto [unread, size] = co_await http::async_read(stream, buffer, parser, yielding);
  if (unread) co_return sink_connection::outcome{unread.message()};
  sink_connection::outcome answered;
  answered.status = parser.get().result_int();
  answered.reusable = parser.keep_alive();
  co_return answered;
}

}  // namespace

task<std::string> sink_connection::open(const sink_url& where, const std::string& name, const std::string& ca_pem) {
  resolver names{context_.get_executor()};
  const auto [unknown, addresses] = co_await names.async_resolve(where.host, where.port, yielding);
  if (unknown) co_return unknown.message();
  if (closed_) co_return "closed";
  const auto [refused, connected] = co_await asio::async_connect(socket_, addresses, yielding);
  if (refused) co_return refused.message();
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  if (!where.tls) co_return std::string{};
  std::string problem = co_await start_tls(name, ca_pem);
  co_return problem;
}

task<std::string> sink_connection::start_tls(const std::string& name, const std::string& ca_pem) {
  tls_settings_.emplace(asio::ssl::context::tls_client);
  boost::system::error_code error;
  if (ca_pem.empty())
    tls_settings_->set_default_verify_paths(error);
  else
    tls_settings_->add_certificate_authority(asio::buffer(ca_pem), error);
  if (error) co_return error.message();
  tls_.emplace(socket_, *tls_settings_);
  tls_->set_verify_mode(asio::ssl::verify_peer);
  const asio::ssl::host_name_verification is_for_the_host{name};
  tls_->set_verify_callback(is_for_the_host);
  SSL_set_tlsext_host_name(tls_->native_handle(), name.c_str());
  const auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, yielding);
  co_return failed ? failed.message() : std::string{};
}

task<sink_connection::outcome> sink_connection::exchange(const request& message) {
  if (tls_) {
    outcome over_tls = co_await exchange_over(*tls_, buffer_, message);
    co_return over_tls;
  }
  outcome plain = co_await exchange_over(socket_, buffer_, message);
  co_return plain;
}

void sink_connection::close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace simulator
