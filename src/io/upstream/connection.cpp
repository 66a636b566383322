#include "io/upstream/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>

#include "io/runtime/log.hpp"

namespace gateway {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t receive_size = 16 * 1024;
constexpr int max_interim_answers = 8;

upstream_answer take_answer(http::response<http::string_body>&& message) {
  upstream_answer answer;
  answer.status = static_cast<int>(message.result_int());
  for (auto const& field : message.base()) {
    auto const name = field.name_string();
    auto const value = field.value();
    answer.fields.push_back({std::string{name.data(), name.size()}, std::string{value.data(), value.size()}});
  }
  answer.body = std::move(message.body());
  return answer;
}

}  // namespace

upstream_connection::upstream_connection(worker& at, client_tls& tls)
    : timed(at.deadlines), at_(at), tls_(tls), stream_(at.get_executor(), tls.context()) {}

task<std::optional<fault>> upstream_connection::open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until,
                                                     hop_ledger& hops) {
  auto const started = mono_now();
  hops.enter(hop::connect, started);
  deadline = std::min(until, started + settings.connect_timeout);
  auto const [unreachable] = co_await socket().async_connect(where, use_op);
  if (unreachable) co_return why(fault::upstream_unreachable);
  int const on = 1;
  ::setsockopt(socket().native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!tls_.is_used()) co_return std::nullopt;

  auto const connected = mono_now();
  hops.enter(hop::tls_handshake, connected);
  deadline = std::min(until, connected + settings.tls_handshake_timeout);
  tls_.prepare(stream_.native_handle());
  auto const [untrusted] = co_await stream_.async_handshake(asio::ssl::stream_base::client, use_op);
  auto& counted = at_.counters.handshakes;
  if (untrusted) {
    counted[static_cast<std::size_t>(handshake_kind::failed)].add();
    auto const verified = SSL_get_verify_result(stream_.native_handle());
    log_warning("TLS handshake with the upstream failed: {}",
                verified == X509_V_OK ? untrusted.message() : X509_verify_cert_error_string(verified));
    co_return why(fault::upstream_tls);
  }
  bool const resumed = SSL_session_reused(stream_.native_handle()) == 1;
  counted[static_cast<std::size_t>(resumed ? handshake_kind::resumed : handshake_kind::full)].add();
  co_return std::nullopt;
}

task<exchange_result> upstream_connection::exchange(const secret& request, const upstream_settings& settings, mono_time until,
                                                    hop_ledger& hops) {
  deadline = until;
  reusable_ = false;
  if (tls_.is_used()) {
    auto secured = co_await exchange_on(stream_, request, settings, hops);
    co_return secured;
  }
  auto plain = co_await exchange_on(socket(), request, settings, hops);
  co_return plain;
}

template <class Stream>
task<exchange_result> upstream_connection::exchange_on(Stream& stream, const secret& request, const upstream_settings& settings,
                                                       hop_ledger& hops) {
  exchange_result result;
  hops.enter(hop::send, mono_now());
  auto const text = request.reveal();
  auto const [unsent, sent] = co_await asio::async_write(stream, asio::buffer(text), use_op);
  if (unsent) {
    result.failed = why(fault::upstream_protocol);
    co_return result;
  }
  hops.enter(hop::first_byte, mono_now());
  for (int interim = 0;; ++interim) {
    response_parser parser;
    parser.header_limit(static_cast<std::uint32_t>(settings.max_header_bytes));
    parser.body_limit(settings.max_body_bytes);
    parser.eager(true);
    auto const cut = co_await receive(stream, parser, result.begun, hops);
    if (cut || interim > max_interim_answers) {
      result.failed = why(cut == http::error::body_limit ? fault::upstream_unusable_body : fault::upstream_protocol);
      co_return result;
    }
    if (is_interim(static_cast<int>(parser.get().result_int()))) continue;
    reusable_ = parser.keep_alive() && input_.empty();
    result.answer = take_answer(parser.release());
    co_return result;
  }
}

// Reads until the parser has one whole message; what comes behind it stays in input_.
template <class Stream>
task<error_code> upstream_connection::receive(Stream& stream, response_parser& parser, bool& begun, hop_ledger& hops) {
  while (true) {
    error_code error;
    if (!input_.empty()) {
      auto const understood = parser.put(asio::buffer(input_), error);
      input_.erase(0, understood);
      if (error == http::error::need_more) error = {};
      if (error || parser.is_done()) co_return error;
    }
    auto const kept = input_.size();
    input_.resize(kept + receive_size);
    auto const room = asio::buffer(input_) + kept;
    auto const [failed, received] = co_await stream.async_read_some(room, use_op);
    input_.resize(kept + received);
    if (received > 0 && !begun) {
      begun = true;
      hops.enter(hop::body, mono_now());
    }
    if (failed == asio::error::eof && parser.got_some() && input_.empty()) {
      parser.put_eof(error);  // right if the answer is delimited by the connection's end, else an error
      co_return error;
    }
    if (failed) co_return failed;
  }
}

bool upstream_connection::is_reusable() const {
  if (!reusable_ || expired_ || !input_.empty()) return false;
  // Bytes that TLS has received but not handed on: records behind the answer.
  auto* const tls = const_cast<secure_stream&>(stream_).native_handle();
  return !tls_.is_used() || (SSL_pending(tls) == 0 && BIO_ctrl_pending(SSL_get_rbio(tls)) == 0);
}

bool upstream_connection::is_quiet() {
  char byte;
  auto const got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void upstream_connection::on_deadline() {
  expired_ = true;
  error_code ignored;
  socket().close(ignored);
}

}  // namespace gateway
