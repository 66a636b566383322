#include "io/upstream/connection.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "io/runtime/certificate_times.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
void opening_times::book(hop_ledger& hops) const {
  if (asks_proxy != mono_time{}) hops.enter(hop::egress, asks_proxy);
  if (shakes_hands != mono_time{}) hops.enter(hop::tls_handshake, shakes_hands);
}

upstream_connection::upstream_connection(worker& at, std::shared_ptr<client_tls> tls, std::shared_ptr<const egress_proxy> through)
    : timed(at.deadlines), at_(at), tls_(std::move(tls)), through_(std::move(through)), plain_(at.get_executor()) {}

// Closes without a TLS close_notify, but not as an error: otherwise OpenSSL would make the session unusable for resumption.
upstream_connection::~upstream_connection() {
  if (secured_) SSL_set_shutdown(secured_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

task<std::optional<fault>> upstream_connection::open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until) {
  set_deadline(std::min(until, mono_now() + settings.connect_timeout));
  auto const [failed] = co_await plain_.async_connect(where, use_op);
  if (failed) {
    cause_ = expired_ ? "no answer in time" : failed.message();
    co_return unreachable();
  }
  set_options(settings);
  opened_.connected = heard_at_ = mono_now();
  if (through_) {
    opened_.asks_proxy = opened_.connected;
    set_deadline(std::min(until, opened_.connected + settings.connect_timeout));  // defence: tunnel-deadline
    auto const closed = co_await tunnel(settings.max_header_bytes);
    if (closed) co_return closed;
  }
  reusable_ = true;
  if (!tls_->is_used()) co_return std::nullopt;

  opened_.shakes_hands = mono_now();
  set_deadline(std::min(until, opened_.shakes_hands + settings.tls_handshake_timeout));
  secured_.emplace(std::move(plain_), tls_->context(), tls_stream::side::client);
  auto* const ssl = secured_->native_handle();
  if (!tls_->prepare(ssl, now().wall)) co_return fault::upstream_tls;
  auto const untrusted = co_await secured_->shake_hands();
  if (given_up_) co_return fault::upstream_unreachable;  // closed by the gateway: not the upstream's failure
  auto& counted = at_.counters.handshakes;
  if (untrusted) {  // defence: untrusted-ends
    counted[static_cast<std::size_t>(handshake_kind::failed)].add();
    auto const verified = SSL_get_verify_result(ssl);
    cause_ = expired_ ? "no answer in time" : verified == X509_V_OK ? untrusted.message() : X509_verify_cert_error_string(verified);
    log_entry(logbook_kind::upstream_tls_failed, {{"cause", cause_}, {"when", "in"}});
    co_return why(fault::upstream_tls);
  }
  bool const resumed = SSL_session_reused(ssl) == 1;
  counted[static_cast<std::size_t>(resumed ? handshake_kind::resumed : handshake_kind::full)].add();
  log_debug("upstream: a new connection, {} handshake", resumed ? "resumed" : "full");
  co_return std::nullopt;
}

task<std::optional<fault>> upstream_connection::tunnel(std::size_t max_head) {
  auto const request = through_->request();
  auto const answered = co_await open_tunnel(plain_, request, max_head);
  if (!answered.failed) through_->opened();
  if (!answered.failed || given_up_) co_return answered.failed;
  if (expired_) {
    cause_ = "it did not answer in time";
  } else if (answered.status == 0) {
    cause_ = "it closed the connection, or its answer was not HTTP";
  } else {
    cause_ = "it answered with status " + std::to_string(answered.status) + (answered.status / 100 == 2 ? " and with content" : "");
  }
  through_->failed(cause_);
  co_return expired_ ? fault::egress_unreachable : answered.failed;
}

certificate_life upstream_connection::certificate() {
  auto const* const shown = secured_ ? SSL_get0_peer_certificate(secured_->native_handle()) : nullptr;
  return shown == nullptr ? certificate_life{} : life_of(shown);
}

task<exchange_result> upstream_connection::exchange(const secret& request, const upstream_settings& settings, exchange_deadline until,
                                                    const std::function<bool()>* may_leave, answer_room* room, hop_ledger& hops) {
  until_ = std::move(until);
  lengthened_to_ = until_.at();
  sent_at_ = mono_now();
  longest_silence_ = settings.connect_timeout;
  may_leave_ = may_leave;
  look_at_ = may_leave != nullptr ? first_look(sent_at_, longest_silence_) : never;
  set_deadline(std::min(look_at_, lengthened_to_));  // defence: exchange-deadline
  answer_limits limits{settings.max_header_bytes, settings.max_body_bytes};
  limits.room = room;
  exchange_result result;
  if (secured_) {  // defence: no-plaintext
    result = co_await exchange_over(*secured_, input_, request, limits, hops);
  } else {
    result = co_await exchange_over(plain_, input_, request, limits, hops);
  }
  until_ = {};
  may_leave_ = nullptr;
  if (result.begun) heard_at_ = mono_now();
  // With TLS 1.3 the upstream refuses a missing client certificate only after the handshake.
  if (result.failed == fault::upstream_tls)
    log_entry(logbook_kind::upstream_tls_failed, {{"cause", result.why.message()}, {"when", "after"}});
  wipe_stack();
  // The connection may be idle for minutes, and the answer be erased meanwhile.
  if (input_.empty()) wipe(input_);  // defence: upstream-input-wiped
  if (expired_) result.failed = fault::upstream_timeout;
  result.unacknowledged = left_;
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

// TCP_USER_TIMEOUT and keepalive let the kernel close a connection whose packets arrive nowhere. Failures do not matter: the gateway's own
// deadlines hold without them.
void upstream_connection::set_options(const upstream_settings& settings) {
  auto const set = [&](int level, int name, std::int64_t value) {
    auto const number = static_cast<int>(value);
    ::setsockopt(plain_.native_handle(), level, name, &number, sizeof number);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  if (settings.tcp_user_timeout.count() > 0)
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, std::chrono::ceil<std::chrono::milliseconds>(settings.tcp_user_timeout).count());
  if (settings.tcp_keepalive.count() == 0) return;
  auto const idle = std::chrono::ceil<std::chrono::seconds>(settings.tcp_keepalive).count();
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, idle);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max<std::int64_t>(1, idle / 3));
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

// SIOCOUTQ counts what was not acknowledged and what was not sent yet; packets that the host itself drops are among the latter.
delivery upstream_connection::delivered() {
  delivery seen;
  int waiting = 0;
  seen.unacknowledged = ::ioctl(socket().native_handle(), SIOCOUTQ, &waiting) == 0 && waiting > 0;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (!seen.unacknowledged || ::getsockopt(socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return seen;
  seen.round_trip = std::chrono::microseconds{info.tcpi_rtt};
  seen.variation = std::chrono::microseconds{info.tcpi_rttvar};
  return seen;
}

bool upstream_connection::still_hopes(mono_time now) {
  auto const seen = delivered();
  look_at_ = seen.unacknowledged ? acknowledged_by(sent_at_, seen, longest_silence_) : never;  // defence: acknowledged-waits
  if (now < look_at_) return true;
  look_at_ = never;
  return !(*may_leave_)();  // defence: unacknowledged-leaves
}

void upstream_connection::on_deadline() {
  auto const now = mono_now();
  if (may_leave_ != nullptr && !given_up_ && now >= look_at_ && now < until_.at()) {
    if (still_hopes(now)) return set_deadline(std::min(look_at_, until_.at()));
    left_ = true;
  } else if (auto const longer = until_.at(); longer > lengthened_to_ && !given_up_) {
    lengthened_to_ = longer;
    return set_deadline(longer);
  } else {
    expired_ = true;
  }
  error_code ignored;
  socket().close(ignored);  // defence: deadline-closes
}

}  // namespace gateway
