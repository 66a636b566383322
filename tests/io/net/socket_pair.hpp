// Two connected sockets of this process: they behave like real ones (partial writes, half-close) without using a port.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "io/runtime/task.hpp"

namespace gateway::test {

// The test's end: plain calls that never wait.
class client_socket {
public:
  explicit client_socket(int descriptor) : descriptor_(descriptor) {}
  client_socket(const client_socket&) = delete;
  client_socket& operator=(const client_socket&) = delete;
  ~client_socket() { close(); }

  // Returns how many bytes were accepted.
  std::size_t send(std::string_view bytes) {
    auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  // Returns all received bytes, and notes how the connection ended, if it did.
  std::string receive() {
    std::string all;
    std::array<char, 16384> part;
    while (true) {
      auto const got = ::recv(descriptor_, part.data(), part.size(), MSG_DONTWAIT);
      ended_ = ended_ || got == 0;
      reset_ = reset_ || (got < 0 && errno == ECONNRESET);
      if (got <= 0) return all;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool saw_end() const { return ended_; }
  [[nodiscard]] bool saw_reset() const { return reset_; }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

private:
  int descriptor_;
  bool ended_ = false;
  bool reset_ = false;
};

struct socket_pair {
  explicit socket_pair(const executor& where, int send_buffer = 0) : socket_pair(where, send_buffer, descriptors()) {}

  stream_socket server;
  client_socket client;

private:
  using two = std::array<int, 2>;
  static two descriptors() {
    two ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) throw std::system_error{errno, std::generic_category(), "socketpair"};
    return ends;
  }
  socket_pair(const executor& where, int send_buffer, two ends) : server(where), client(ends[1]) {
    if (send_buffer > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    server.assign(asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
    server.non_blocking(true);
  }
};

}  // namespace gateway::test
