#include "https_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/optional.hpp>

#include <poll.h>

#include "http_request.hpp"

namespace simulator {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr auto handshake_deadline = 10s;
constexpr auto goodbye_deadline = 1s;
constexpr std::chrono::microseconds look_out{20'000};  // how often a waiting connection looks whether its client is still there

// Counts a request as in flight for as long as the connection works on it, however that ends.
class in_flight {
public:
  in_flight(twilio& world, const arrival& arrived) : world_(&world), arrived_(arrived) {}
  in_flight(const in_flight&) = delete;
  in_flight& operator=(const in_flight&) = delete;
  ~in_flight() { end(); }
  void end() {
    if (world_ != nullptr) std::exchange(world_, nullptr)->leave(arrived_);
  }

private:
  twilio* world_;
  const arrival& arrived_;
};

// The step before which a request stops counting: its last bytes. A client that has them must not find itself still counted.
std::size_t last_of_the_answer(const std::vector<step>& steps) {
  for (std::size_t i = steps.size(); i > 0; --i)
    if (steps[i - 1].what == step::kind::write) return i - 1;
  return steps.empty() ? 0 : steps.size() - 1;
}

}  // namespace

https_connection::https_connection(tcp_socket socket, asio::ssl::context& tls, twilio& world, std::uint64_t number,
                                   std::chrono::seconds idle_timeout)
    : stream_(std::move(socket), tls),
      timer_(stream_.get_executor()),
      world_(world),
      facts_(std::make_shared<connection_facts>()),
      idle_timeout_(idle_timeout),
      deadline_(real_now() + handshake_deadline) {
  facts_->number = number;
  ++world_.connections().open;
  ++world_.connections().total;
}

https_connection::~https_connection() { --world_.connections().open; }

task<void> https_connection::serve() {
  boost::system::error_code ignored;
  stream_.next_layer().set_option(tcp::no_delay{true}, ignored);
  const bool safe = co_await shake_hands();
  if (safe) co_await serve_requests();
  close_quietly();
}

task<bool> https_connection::shake_hands() {
  const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, yielding);
  if (error) {
    ++world_.connections().handshakes_failed;
    co_return false;
  }
  SSL* const tls = stream_.native_handle();
  facts_->resumed = SSL_session_reused(tls) == 1;
  facts_->tls_version = SSL_get_version(tls);
  if (const char* name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name)) facts_->sni = name;
  ++(facts_->resumed ? world_.connections().handshakes_resumed : world_.connections().handshakes_full);
  co_return true;
}

task<void> https_connection::serve_requests() {
  boost::optional<request_parser> parser;
  for (;;) {
    parser.emplace();
    parser->header_limit(request_head_limit);
    parser->body_limit(request_body_limit);
    if (leaving_) {
      co_await say_goodbye();
      co_return;
    }
    finishing_ = false;
    idle_ = buffer_.size() == 0;
    deadline_ = real_now() + idle_timeout_;
    const auto [error, size] = co_await http::async_read(stream_, buffer_, *parser, yielding);
    idle_ = false;
    if (aborted_) co_return;
    if (leaving_) {
      co_await say_goodbye();
      co_return;
    }
    if (error) {
      if (breaks_http(error)) {
        ++world_.connections().malformed;
        const std::string refusal = malformed_answer();
        co_await asio::async_write(stream_, asio::buffer(refusal), yielding);
      }
      co_await say_goodbye();
      co_return;
    }
    exchange_end end;
    end.keep_alive = parser->keep_alive();
    end.head_request = parser->get().method() == http::verb::head;
    request_facts request = take_facts(parser->release(), facts_);
    const bool open = co_await answer_one(std::move(request), end);
    if (!open) co_return;
  }
}

task<bool> https_connection::answer_one(request_facts request, exchange_end end) {
  deadline_ = real_time::max();  // scripted waits may be long; a client that leaves is noticed in them
  const arrival arrived = world_.arrive(request, real_now());
  in_flight counted{world_, arrived};
  if (world_.held() && (arrived.who == nullptr || arrived.counted)) {
    const bool released = co_await wait_for_release();
    if (!released) co_return false;
  }
  if (arrived.pause.count() > 0) {
    const bool there = co_await pause(arrived.pause);
    if (!there) co_return false;
  }
  reply decided = world_.decide(arrived, request, real_now());
  std::vector<step> steps = steps_for(std::move(decided.what), decided.how, end);
  const std::size_t last = last_of_the_answer(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == last) {
      counted.end();
      finishing_ = buffer_.size() == 0;
    }
    const bool open = co_await carry_out(steps[i]);
    if (!open) co_return false;
  }
  co_return true;
}

task<bool> https_connection::carry_out(step& next) {
  switch (next.what) {
    case step::kind::write: {
      deadline_ = real_now() + idle_timeout_;
      const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(next.bytes), yielding);
      deadline_ = real_time::max();
      co_return !error && !aborted_;
    }
    case step::kind::wait: {
      const bool there = co_await pause(next.pause);
      co_return there;
    }
    case step::kind::fin:
      close_quietly();
      co_return false;
    case step::kind::reset: {
      boost::system::error_code ignored;
      stream_.next_layer().set_option(asio::socket_base::linger{true, 0}, ignored);
      stream_.next_layer().close(ignored);
      co_return false;
    }
  }
  co_return false;
}

task<bool> https_connection::wait_for_release() {
  while (world_.held() && !aborted_) {
    timer_.expires_after(look_out);
    co_await timer_.async_wait(yielding);
    if (client_left()) co_return false;
  }
  co_return !aborted_;
}

task<bool> https_connection::pause(std::chrono::microseconds length) {
  const real_time end = real_now() + length;
  for (;;) {
    const auto left = end - real_now();
    if (left <= left.zero()) co_return true;
    timer_.expires_after(std::min<std::chrono::steady_clock::duration>(left, look_out));
    co_await timer_.async_wait(yielding);
    if (aborted_ || client_left()) co_return false;
  }
}

// A FIN may stand behind unread bytes (close_notify), so a peek is not enough.
bool https_connection::client_left() {
  pollfd descriptor{};
  descriptor.fd = stream_.next_layer().native_handle();
  descriptor.events = POLLRDHUP;
  return ::poll(&descriptor, 1, 0) > 0 && (descriptor.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

task<void> https_connection::say_goodbye() {
  deadline_ = real_now() + goodbye_deadline;
  // As if the client had said goodbye already: nobody waits for it.
  SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
  co_await stream_.async_shutdown(yielding);
}

void https_connection::close_quietly() {
  boost::system::error_code ignored;
  stream_.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.next_layer().close(ignored);
}

void https_connection::close_politely() {
  leaving_ = true;
  if (!idle_) return;  // the end of the answer goes out first
  boost::system::error_code ignored;
  stream_.next_layer().cancel(ignored);
}

void https_connection::abort() {
  aborted_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

void https_connection::wake() { timer_.cancel(); }

void https_connection::check_deadline(real_time now) {
  if (now < deadline_) return;
  if (idle_)
    close_politely();
  else
    abort();
}

}  // namespace simulator
