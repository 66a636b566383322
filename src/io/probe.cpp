#include "io/probe.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>

#include "io/runtime/clock.hpp"
#include "io/runtime/task.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds probe_timeout{2};
constexpr std::string_view good = "HTTP/1.1 2";

struct descriptor {
  int number;
  ~descriptor() { ::close(number); }
};

// False once the time is over; until then no call waits for longer than what is left.
bool set_rest(int socket, mono_time deadline) {
  auto const left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - mono_now()).count();
  if (left <= 0) return false;
  timeval const rest{left / 1'000'000, left % 1'000'000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &rest, sizeof rest);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &rest, sizeof rest);
  return true;
}

std::string reason() {
  if (errno == EAGAIN || errno == EINPROGRESS) return "no answer in time";
  return error_code{errno, boost::system::system_category()}.message();
}

}  // namespace

bool probe(const probe_target& what, std::string& why_not) {
  auto const deadline = mono_now() + probe_timeout;
  auto const& to = what.where;
  auto const address = to.is_unix() ? asio::generic::stream_protocol::endpoint{asio::local::stream_protocol::endpoint{to.unix_path}}
                                    : asio::ip::tcp::endpoint{asio::ip::make_address(to.address), to.port};
  descriptor const socket{::socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto const request = "GET " + what.path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  set_rest(socket.number, deadline);
  if (::connect(socket.number, address.data(), static_cast<socklen_t>(address.size())) != 0 ||
      ::send(socket.number, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    why_not = reason();
    return false;
  }
  std::string answer;
  while (answer.find('\n') == std::string::npos && answer.size() < 1024) {
    std::array<char, 256> room{};
    errno = EAGAIN;
    auto const size = set_rest(socket.number, deadline) ? ::recv(socket.number, room.data(), room.size(), 0) : -1;
    if (size <= 0) {
      why_not = size == 0 ? "the connection ended without an answer" : reason();
      return false;
    }
    answer.append(room.data(), static_cast<std::size_t>(size));
  }
  why_not = answer.substr(0, answer.find_first_of("\r\n"));
  return answer.starts_with(good);
}

}  // namespace gateway
