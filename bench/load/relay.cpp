// bench-relay: the least a proxy on this kernel can do for a miss. One epoll loop: what a client sends goes to a TLS connection of its own
// to the upstream, and what comes back goes to the client. It parses nothing and keeps nothing, so a miss of every real proxy is told as a
// multiple of this one's.
#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "channel.hpp"
#include "tool.hpp"

namespace {

class passthrough_service {
public:
  passthrough_service(int listener, const sockaddr_in& upstream) : listener_(listener), upstream_(upstream) {}

  [[noreturn]] void run() {
    watch(listener_);
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int at = 0; at < ready; ++at) {
        const int socket = events[at].data.fd;
        if (socket == listener_) {
          accept_one();
        } else {
          pass_through(socket);
        }
      }
    }
  }

private:
  // Of the descriptor it is filed under; `other` is where its bytes go.
  struct side {
    tool::channel wire;
    int other = -1;
  };

  void watch(int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) tool::stop_with_errno("epoll_ctl");
  }

  // The bench opens its connections before the clock starts: connecting and shaking hands may block.
  void accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int onward = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(onward, reinterpret_cast<const sockaddr*>(&upstream_), sizeof upstream_) != 0) tool::stop_with_errno("connect");
    auto wire = tool::channel::client(onward, tls_.get());
    if (!wire.shake_hands()) tool::stop_with_errno("TLS handshake");
    add(client, tool::channel::client(client, nullptr), onward);
    add(onward, std::move(wire), client);
  }

  void add(int socket, tool::channel wire, int other) {
    fcntl(socket, F_SETFL, O_NONBLOCK);
    tool::set_no_delay(socket);
    if (sides_.size() <= static_cast<std::size_t>(socket)) sides_.resize(socket + 1);
    sides_[socket].wire = std::move(wire);
    sides_[socket].other = other;
    watch(socket);
  }

  void pass_through(int socket) {
    side& from = sides_[socket];
    if (from.other < 0) return;  // told of before it was closed
    std::size_t held = 0;
    // An answer's head and body may be two records; they leave in one write.
    do {
      const ssize_t got = from.wire.receive(std::span(buffer_).subspan(held));
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) return drop(socket);
      held += static_cast<std::size_t>(got);
    } while (from.wire.has_pending() && held < buffer_.size());
    // One request is under way per connection, so a send buffer has room for it and for its answer.
    if (held > 0 && sides_[from.other].wire.send({buffer_.data(), held}) != static_cast<ssize_t>(held)) drop(socket);
  }

  void drop(int socket) {
    for (const int end : {sides_[socket].other, socket}) sides_[end] = side{};
  }

  const int listener_;
  const sockaddr_in upstream_;
  const tool::tls_context tls_ = tool::client_context();
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<side> sides_;  // by descriptor
  std::array<char, 65536> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  std::array flags{tool::flag{"--listen", "127.0.0.1:0", "where clients ask; port 0 takes a free one"},
                   tool::flag{"--upstream", "127.0.0.1:8443", "who answers, over TLS"}};
  tool::read_flags(argc, argv, flags);
  sockaddr_in address = tool::address(flags[0]);
  const int listener = tool::listen_on(address);
  std::printf("bench-relay: listening on http://127.0.0.1:%d\nbench-relay: ready\n", ntohs(address.sin_port));
  std::fflush(stdout);
  passthrough_service(listener, tool::address(flags[1])).run();
}
