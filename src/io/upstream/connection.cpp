#include "io/upstream/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/runtime/log.hpp"

namespace gateway {
upstream_connection::upstream_connection(worker& at, std::shared_ptr<client_tls> tls)
    : timed(at.deadlines), at_(at), tls_(std::move(tls)), stream_(at.get_executor(), tls_->context()) {}

// Without a word of goodbye, but not as an error: else OpenSSL would declare the session unfit for resumption.
upstream_connection::~upstream_connection() { SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

task<std::optional<fault>> upstream_connection::open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until) {
  deadline = std::min(until, mono_now() + settings.connect_timeout);
  auto const [unreachable] = co_await socket().async_connect(where, use_op);
  if (unreachable) co_return why(fault::upstream_unreachable);
  int const on = 1;
  ::setsockopt(socket().native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connected_at_ = mono_now();
  reusable_ = true;
  if (!tls_->is_used()) co_return std::nullopt;

  deadline = std::min(until, connected_at_ + settings.tls_handshake_timeout);
  if (!tls_->prepare(stream_.native_handle())) co_return fault::upstream_tls;
  auto const [untrusted] = co_await stream_.async_handshake(asio::ssl::stream_base::client, use_op);
  if (given_up_) co_return fault::upstream_unreachable;  // no fault of the upstream
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
  answer_limits const limits{settings.max_header_bytes, settings.max_body_bytes};
  exchange_result result;
  if (tls_->is_used()) {
    result = co_await exchange_over(stream_, input_, request, limits, hops);
  } else {
    result = co_await exchange_over(socket(), input_, request, limits, hops);
  }
  if (expired_) result.failed = fault::upstream_timeout;
  reusable_ = !result.failed && result.keep_alive;
  co_return result;
}

bool upstream_connection::is_reusable() const {
  if (!reusable_ || expired_ || !input_.empty()) return false;
  // Bytes that TLS has received but not handed on: records behind the answer.
  auto* const tls = const_cast<secure_stream&>(stream_).native_handle();
  return !tls_->is_used() || (SSL_pending(tls) == 0 && BIO_ctrl_pending(SSL_get_rbio(tls)) == 0);
}

bool upstream_connection::is_quiet() {
  char byte;
  auto const got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  return got > 0 && tls_->is_used() && brought_nothing();
}

// Reads what TLS has received, without waiting: true if it was for TLS itself.
bool upstream_connection::brought_nothing() {
  error_code error;
  socket().non_blocking(true, error);
  char byte;
  if (!error) stream_.read_some(asio::buffer(&byte, 1), error);
  return error == asio::error::would_block;
}

void upstream_connection::on_deadline() {
  expired_ = true;
  error_code ignored;
  socket().close(ignored);
}

}  // namespace gateway
