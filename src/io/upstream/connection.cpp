#include "io/upstream/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/runtime/log.hpp"

namespace gateway {
upstream_connection::upstream_connection(worker& at, std::shared_ptr<client_tls> tls)
    : timed(at.deadlines), at_(at), tls_(std::move(tls)), plain_(at.get_executor()) {}

// Closes without a TLS close_notify, but not as an error: otherwise OpenSSL would make the session unusable for resumption.
upstream_connection::~upstream_connection() {
  if (secured_) SSL_set_shutdown(secured_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

task<std::optional<fault>> upstream_connection::open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until) {
  deadline = std::min(until, mono_now() + settings.connect_timeout);
  auto const [unreachable] = co_await plain_.async_connect(where, use_op);
  if (unreachable) co_return why(fault::upstream_unreachable);
  int const on = 1;
  ::setsockopt(plain_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connected_at_ = mono_now();
  reusable_ = true;
  if (!tls_->is_used()) co_return std::nullopt;

  deadline = std::min(until, connected_at_ + settings.tls_handshake_timeout);
  secured_.emplace(std::move(plain_), tls_->context(), tls_stream::side::client);
  auto* const ssl = secured_->native_handle();
  if (!tls_->prepare(ssl)) co_return fault::upstream_tls;
  auto const untrusted = co_await secured_->shake_hands();
  if (given_up_) co_return fault::upstream_unreachable;  // closed by the gateway: not the upstream's failure
  auto& counted = at_.counters.handshakes;
  if (untrusted) {  // defence: untrusted-ends
    counted[static_cast<std::size_t>(handshake_kind::failed)].add();
    auto const verified = SSL_get_verify_result(ssl);
    log_warning("TLS handshake with the upstream failed: {}",
                verified == X509_V_OK ? untrusted.message() : X509_verify_cert_error_string(verified));
    co_return why(fault::upstream_tls);
  }
  bool const resumed = SSL_session_reused(ssl) == 1;
  counted[static_cast<std::size_t>(resumed ? handshake_kind::resumed : handshake_kind::full)].add();
  co_return std::nullopt;
}

task<exchange_result> upstream_connection::exchange(const secret& request, const upstream_settings& settings, exchange_deadline until,
                                                    hop_ledger& hops) {
  until_ = std::move(until);
  deadline = lengthened_to_ = until_.at();  // defence: exchange-deadline
  answer_limits const limits{settings.max_header_bytes, settings.max_body_bytes};
  exchange_result result;
  if (secured_) {  // defence: no-plaintext
    result = co_await exchange_over(*secured_, input_, request, limits, hops);
  } else {
    result = co_await exchange_over(plain_, input_, request, limits, hops);
  }
  until_ = {};
  wipe_stack();
  // The connection may be idle for minutes, and the answer be erased meanwhile.
  if (input_.empty()) wipe(input_);  // defence: upstream-input-wiped
  if (expired_) result.failed = fault::upstream_timeout;
  reusable_ = !result.failed && result.keep_alive;  // defence: failed-not-reused
  co_return result;
}

bool upstream_connection::is_reusable() const {
  if (!reusable_ || expired_ || !input_.empty()) return false;  // defence: reuse-checked
  // TLS must hold no unread bytes: they would be records after the answer.
  return !secured_ || !secured_->has_pending();
}

bool upstream_connection::is_quiet() {
  char byte;
  auto const got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  std::size_t size = 0;
  return got > 0 && secured_ && secured_->read_now(asio::buffer(&byte, 1), size) == asio::error::would_block;
}

void upstream_connection::on_deadline() {
  if (auto const longer = until_.at(); longer > lengthened_to_ && !given_up_) {
    deadline = lengthened_to_ = longer;
    return;
  }
  expired_ = true;
  error_code ignored;
  socket().close(ignored);  // defence: deadline-closes
}

}  // namespace gateway
