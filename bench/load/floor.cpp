// bench-floor: the least a server on this kernel can do for a request. One epoll loop: recv, find the blank line, send the same
// bytes. It parses nothing and looks nothing up, so every real server's CPU per request is told as a multiple of this one's. With --keys
// it has a body for each call, and picks it by the CallSid: that is what memory costs, whoever serves from it. With a certificate it has a
// second address, where OpenSSL on the same loop's descriptors is the least for TLS.
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "channel.hpp"
#include "prepared_answers.hpp"
#include "tool.hpp"

namespace {

constexpr std::string_view blank_line = "\r\n\r\n";
constexpr std::size_t most_carried = 4096;  // bytes of a request whose rest has not come

// Answers: see prepared_answers.hpp.
template <class Answers>
class responder {
public:
  // `tls_listener` -1: there is none.
  responder(int listener, int tls_listener, tool::tls_context tls, Answers answers)
      : listener_(listener), tls_listener_(tls_listener), tls_(std::move(tls)), answers_(std::move(answers)) {}

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
  struct connection {
    tool::channel wire;
    typename Answers::debt owed;
    std::string carried;  // the start of a request that a recv cut in two
  };

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
    const bool was_blocked = !from.owed.is_paid();
    if (was_blocked && (events & (EPOLLERR | EPOLLHUP))) return drop(from);
    do {
      if (from.owed.is_paid()) {
        char* const fresh = buffer_.data() + most_carried;
        const ssize_t got = from.wire.receive({fresh, buffer_.size() - most_carried});
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (got <= 0 || !note_requests(from, fresh, static_cast<std::size_t>(got))) return drop(from);
      }
      if (!pay(from)) return drop(from);
    } while (from.owed.is_paid() && from.wire.has_pending());
    // While a client does not take its answers no more of its requests are read.
    const bool is_blocked = !from.owed.is_paid();
    if (is_blocked != was_blocked) watch(EPOLL_CTL_MOD, from.wire.socket(), is_blocked ? EPOLLOUT : EPOLLIN);
  }

  // Of what was carried over and what is fresh; `fresh` has room for the carried bytes in front of it.
  bool note_requests(connection& from, char* fresh, std::size_t size) {
    char* at = fresh - from.carried.size();
    char* const end = fresh + size;
    std::copy(from.carried.begin(), from.carried.end(), at);
    while (auto* hit = static_cast<char*>(memmem(at, end - at, blank_line.data(), blank_line.size()))) {
      char* const next = hit + blank_line.size();
      if (!answers_.note(from.owed, {at, static_cast<std::size_t>(next - at)})) return false;
      at = next;
    }
    from.carried.assign(at, end);
    return from.carried.size() <= most_carried;
  }

  bool pay(connection& to) {
    while (!to.owed.is_paid()) {
      if (answers_.send(to.wire, to.owed) < 0) return errno == EAGAIN;
    }
    return true;
  }

  static void drop(connection& gone) { gone = connection{}; }

  const int listener_;
  const int tls_listener_;
  const tool::tls_context tls_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  Answers answers_;
  std::vector<connection> connections_;  // by descriptor
  std::array<char, 65536> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  std::array flags{
      tool::flag{"--listen", "127.0.0.1:0", "where to answer; port 0 takes a free one"},
      tool::flag{"--certificate", "", "a PEM file with certificate and key: TLS as well, on a free port"},
      tool::flag{"--body-bytes", "4096", "size of each body"},
      tool::flag{"--keys", "0", "a body for each of the calls that bench-load asks for with so many keys; 0: one for all requests"},
      tool::flag{"--seed", "1", "bench-load's"}};
  tool::read_flags(argc, argv, flags);
  sockaddr_in address = tool::address(flags[0]);
  const auto body_bytes = tool::number<std::size_t>(flags[2], 128, 1 << 20);
  const auto key_count = tool::number<std::size_t>(flags[3], 0, 10'000'000);
  const auto seed = tool::number<std::uint64_t>(flags[4], 0, ~std::uint64_t{0});

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
  const auto answer_with = [&](auto answers) {
    responder made(listener, tls_listener, std::move(tls), std::move(answers));
    std::printf("bench-floor: ready\n");
    std::fflush(stdout);
    return made.run();
  };
  if (key_count == 0) return answer_with(load::one_body(body_bytes));
  return answer_with(load::body_per_key(load::sids_of(key_count, seed), body_bytes));
}
