// bench-floor: the least a server on this kernel can do for a request. One epoll loop: recv, find the blank line, send the same
// bytes. It parses nothing and looks nothing up, so every real server's CPU per request is told as a multiple of this one's. With a
// certificate it has a second address, where OpenSSL on the same loop's descriptors is the least for TLS.
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>
#include <vector>

#include "channel.hpp"
#include "tool.hpp"

namespace {

constexpr std::string_view blank_line = "\r\n\r\n";
constexpr std::size_t copies = 16;  // of the response, back to back: a pipelining client gets that many per send

// As many header bytes as a real hit carries: the kernel's share of the work must be the same for everybody.
std::string make_response(std::size_t body_bytes) {
  std::string body = R"({"processing_state":"complete","annotation":{"comment":")";
  const std::string_view end = R"("}})";
  body.append(body_bytes - body.size() - end.size(), 'x').append(end);
  return "HTTP/1.1 200 OK\r\n"
         "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body_bytes) +
         "\r\n"
         "ETag: \"0123456789abcdef0123456789abcdef\"\r\n"
         "Age: 60\r\n"
         "Vary: Authorization, Accept-Encoding\r\n"
         "Cache-Control: private, no-cache\r\n"
         "Cache-Status: bench-floor; hit; ttl=3540\r\n"
         "X-Request-Id: 0123456789abcdef0123456789abcdef\r\n"
         "X-Origin-Twilio-Request-Id: RQ0123456789abcdef0123456789abcdef\r\n"
         "Access-Control-Allow-Origin: *\r\n"
         "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
         "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, If-Match\r\n"
         "Access-Control-Allow-Credentials: true\r\n"
         "Access-Control-Expose-Headers: ETag\r\n"
         "\r\n" +
         body;
}

struct connection {
  tool::channel wire;
  std::size_t owed = 0;           // response bytes not yet sent; their position follows from it, since all responses are equal
  std::array<char, 3> carried{};  // the start of a blank line that a recv cut in two
  std::size_t carried_size = 0;
};

class responder {
public:
  // `tls_listener` -1: there is none.
  responder(int listener, int tls_listener, tool::tls_context tls, std::size_t body_bytes)
      : listener_(listener), tls_listener_(tls_listener), tls_(std::move(tls)), response_(make_response(body_bytes)) {
    for (std::size_t copy = 0; copy < copies; ++copy) repeated_ += response_;
  }

  int run() {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, nullptr);
    const int stop_signal = signalfd(-1, &stops, SFD_NONBLOCK);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    if (tls_listener_ >= 0) watch(EPOLL_CTL_ADD, tls_listener_, EPOLLIN);
    watch(EPOLL_CTL_ADD, stop_signal, EPOLLIN);
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int at = 0; at < ready; ++at) {
        const int socket = events[at].data.fd;
        if (socket == stop_signal) return 0;
        if (socket == listener_ || socket == tls_listener_) {
          accept_one(socket);
        } else {
          serve(connections_[socket], events[at].events);
        }
      }
    }
  }

private:
  void watch(int operation, int socket, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    if (epoll_ctl(epoll_, operation, socket, &event) != 0) tool::stop_with_errno("epoll_ctl");
  }

  void accept_one(int listener) {
    const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    tool::set_no_delay(socket);
    if (connections_.size() <= static_cast<std::size_t>(socket)) connections_.resize(socket + 1);
    connections_[socket] = connection{};
    connections_[socket].wire = tool::channel::server(socket, listener == tls_listener_ ? tls_.get() : nullptr);
    watch(EPOLL_CTL_ADD, socket, EPOLLIN);
  }

  void serve(connection& from, std::uint32_t events) {
    const bool was_blocked = from.owed > 0;
    if (was_blocked && (events & (EPOLLERR | EPOLLHUP))) return drop(from);
    do {
      if (from.owed == 0) {
        char* const fresh = buffer_.data() + from.carried.size();
        const ssize_t got = from.wire.receive({fresh, buffer_.size() - from.carried.size()});
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (got <= 0) return drop(from);
        from.owed = response_.size() * count_requests(from, fresh, static_cast<std::size_t>(got));
      }
      if (!send_owed(from)) return drop(from);
    } while (from.owed == 0 && from.wire.has_pending());
    // While a client does not take its answers no more of its requests are read.
    const bool is_blocked = from.owed > 0;
    if (is_blocked != was_blocked) watch(EPOLL_CTL_MOD, from.wire.socket(), is_blocked ? EPOLLOUT : EPOLLIN);
  }

  // Counts blank lines in what was carried over and what is fresh; `fresh` has room for the carried bytes in front of it.
  static std::size_t count_requests(connection& from, char* fresh, std::size_t size) {
    char* at = fresh - from.carried_size;
    char* const end = fresh + size;
    std::memcpy(at, from.carried.data(), from.carried_size);
    std::size_t found = 0;
    while (auto* hit = static_cast<char*>(memmem(at, end - at, blank_line.data(), blank_line.size()))) {
      ++found;
      at = hit + blank_line.size();
    }
    from.carried_size = std::min<std::size_t>(end - at, from.carried.size());
    std::memcpy(from.carried.data(), end - from.carried_size, from.carried_size);
    return found;
  }

  bool send_owed(connection& to) {
    while (to.owed > 0) {
      const std::size_t left_of_one = to.owed % response_.size();
      const std::size_t position = left_of_one == 0 ? 0 : response_.size() - left_of_one;
      const std::size_t size = std::min(to.owed, repeated_.size() - position);
      const ssize_t sent = to.wire.send({repeated_.data() + position, size});
      if (sent < 0) return errno == EAGAIN;
      to.owed -= static_cast<std::size_t>(sent);
    }
    return true;
  }

  static void drop(connection& gone) { gone = connection{}; }

  const int listener_;
  const int tls_listener_;
  const tool::tls_context tls_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  const std::string response_;
  std::string repeated_;
  std::vector<connection> connections_;  // by descriptor
  std::array<char, 65536> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  std::array flags{tool::flag{"--listen", "127.0.0.1:0", "where to answer; port 0 takes a free one"},
                   tool::flag{"--certificate", "", "a PEM file with certificate and key: TLS as well, on a free port"},
                   tool::flag{"--body-bytes", "4096", "size of the one body"}};
  tool::read_flags(argc, argv, flags);
  sockaddr_in address = tool::address(flags[0]);
  const auto body_bytes = tool::number<std::size_t>(flags[2], 128, 1 << 20);

  const int listener = tool::listen_on(address);
  std::printf("bench-floor: listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
  int tls_listener = -1;
  tool::tls_context tls;
  if (!flags[1].value.empty()) {
    tls = tool::server_context(flags[1].value);
    address.sin_port = 0;
    tls_listener = tool::listen_on(address);
    std::printf("bench-floor: listening on https://127.0.0.1:%d\n", ntohs(address.sin_port));
  }
  std::printf("bench-floor: ready\n");
  std::fflush(stdout);
  return responder(listener, tls_listener, std::move(tls), body_bytes).run();
}
