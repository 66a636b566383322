#include "io/fleet/engine_connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>

namespace gateway {

task<bool> engine_connection::open(stream_socket::endpoint_type where, std::shared_ptr<client_tls> tls) {
  tls_ = std::move(tls);
  auto const [failed] = co_await plain_.async_connect(where, use_op);
  if (failed) {
    end(failed);
    co_return false;
  }
  int const on = 1;
  // Fails on a unix socket, which needs neither.
  ::setsockopt(plain_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(plain_.native_handle(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (!tls_) co_return true;
  secured_.emplace(std::move(plain_), tls_->context(), tls_stream::side::client);
  auto* const ssl = secured_->native_handle();
  if (!tls_->prepare(ssl, now().wall)) {
    end("TLS cannot be prepared");
    co_return false;
  }
  auto const untrusted = co_await secured_->shake_hands();
  if (!untrusted) co_return true;
  auto const verified = SSL_get_verify_result(ssl);
  end("TLS: " + (verified == X509_V_OK ? untrusted.message() : X509_verify_cert_error_string(verified)));
  co_return false;
}

void engine_connection::post(std::string_view commands) {
  waiting_ += commands;
  if (!std::exchange(writes_, true)) at_.start_task("engine write", write(shared_from_this()));
}

task<void> engine_connection::write(std::shared_ptr<engine_connection> self) {
  while (self->is_open() && !self->waiting_.empty()) {
    self->sending_.swap(self->waiting_);
    auto const bytes = asio::buffer(self->sending_);
    io_result sent;
    if (self->secured_) {
      sent = co_await self->secured_->write(bytes);
    } else {
      sent = co_await asio::async_write(self->plain_, bytes, use_op);
    }
    self->sending_.clear();
    if (auto const failed = std::get<0>(sent)) self->end(failed);
  }
  self->writes_ = false;
}

task<bool> engine_connection::next(engine_reply& into) {
  auto state = reader_.read(unread_);
  while (state == resp_reader::progress::more) {
    auto const space = asio::buffer(input_);
    io_result got;
    if (secured_) {
      got = co_await secured_->read_some(space);
    } else {
      got = co_await plain_.async_read_some(space, use_op);
    }
    auto const& [failed, size] = got;
    if (failed) {
      end(failed);
      co_return false;
    }
    unread_ = std::string_view{input_.data(), size};
    state = reader_.read(unread_);
  }
  if (state == resp_reader::progress::broken) {
    end("it sent what is no reply of Redis, or one that is too large");
    co_return false;
  }
  into = reader_.take();
  co_return true;
}

void engine_connection::end(const error_code& why) { end(why == asio::error::eof ? "it closed the connection" : why.message()); }

void engine_connection::end(std::string why) {
  if (why_ended_.empty()) why_ended_ = std::move(why);
  error_code ignored;
  socket().close(ignored);
}

}  // namespace gateway
