#include "control_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/optional.hpp>

#include "worker.hpp"

namespace simulator {

namespace http = boost::beast::http;

control_server::control_server(asio::io_context& context, const tcp::endpoint& where, twilio& world, control_effects effects)
    : context_(context), acceptor_(context.get_executor()), world_(world), effects_(std::move(effects)) {
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(where);
  acceptor_.listen();
  asio::co_spawn(context_, accept_all(), report_escaped);
}

task<void> control_server::accept_all() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(context_, yielding);
    if (error == asio::error::operation_aborted) co_return;
    if (!error) asio::co_spawn(context_, serve(std::move(socket)), report_escaped);
  }
}

task<void> control_server::serve(tcp_socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  boost::beast::flat_buffer buffer;
  boost::optional<http::request_parser<http::string_body>> parser;
  for (;;) {
    parser.emplace();
    parser->body_limit(1ULL << 30);
    const auto [error, size] = co_await http::async_read(socket, buffer, *parser, yielding);
    if (error) co_return;
    const auto& request = parser->get();
    const control_reply decided =
        answer_control(request.method_string(), request.target(), request.body(), world_, effects_, std::chrono::steady_clock::now());
    http::response<http::string_body> response;
    response.result(decided.status);
    response.set(http::field::content_type, decided.type);
    response.keep_alive(request.keep_alive());
    response.body() = decided.body;
    response.prepare_payload();
    const auto [failed, written] = co_await http::async_write(socket, response, yielding);
    if (failed || !response.keep_alive()) co_return;
  }
}

}  // namespace simulator
