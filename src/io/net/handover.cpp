#include "io/net/handover.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::size_t batch = 64;               // descriptors in one message; the kernel takes 253
constexpr timeval answer_timeout{5, 0};         // the time a predecessor has to give its sockets
constexpr std::chrono::seconds start_time{60};  // the time a successor has until it serves

std::string reason() { return error_code{errno, boost::system::system_category()}.message(); }

// Descriptors travel in the control part of a message, aligned as the kernel requires.
union control_part {
  cmsghdr align;
  std::array<char, CMSG_SPACE(batch * sizeof(int))> bytes;
};

// Sends one byte with at most `batch` descriptors.
bool send_batch(int to, const int* descriptors, std::size_t count) {
  char word = 'S';
  iovec text{&word, 1};
  control_part control{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  return ::sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

// The descriptors of the next batch; nothing if the connection fails. An empty batch is the last one.
std::optional<std::vector<int>> receive_batch(int from) {
  char word{};
  iovec text{&word, 1};
  control_part control{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  if (::recvmsg(from, &message, MSG_CMSG_CLOEXEC) != 1) return std::nullopt;
  std::vector<int> received;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    auto const before = received.size(), count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    received.resize(before + count);
    std::memcpy(received.data() + before, CMSG_DATA(header), count * sizeof(int));
  }
  if ((message.msg_flags & MSG_CTRUNC) == 0) return received;  // defence: sockets-cut
  // A missing socket would be a queue that no process serves, so the received ones are closed.
  for (int const one : received) ::close(one);
  errno = EMFILE;
  return std::nullopt;
}

// Descriptors are exchanged with processes of our own user only, whatever the mode of the file or its folder: a process with a listening
// socket can serve its clients.
bool is_our_user(int peer) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == ::geteuid();
}

// Closes the connection of a successor that never reports that it serves.
class start_limit final : public timed {
public:
  start_limit(worker& at, stream_socket& with) : timed(at.deadlines), with_(with) { set_deadline(mono_now() + start_time); }
  void on_deadline() override {
    error_code ignored;
    with_.close(ignored);
  }

private:
  stream_socket& with_;
};

}  // namespace

bool predecessor::ask(const std::string& path, inherited_sockets& to, std::string& why_not) {
  asio::local::stream_protocol::endpoint const address{path};
  connection_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(connection_, address.data(), static_cast<socklen_t>(address.size())) != 0) {
    bool const nobody = errno == ENOENT || errno == ECONNREFUSED;
    if (!nobody) why_not = "cannot take over from the process that listens at unix:" + path + ": " + reason();
    ::close(std::exchange(connection_, -1));
    return nobody;
  }
  if (!is_our_user(connection_)) {
    why_not = "the process that listens at unix:" + path + " belongs to another user: its sockets are not taken";
    return false;
  }
  ::setsockopt(connection_, SOL_SOCKET, SO_RCVTIMEO, &answer_timeout, sizeof answer_timeout);
  while (true) {
    auto const received = receive_batch(connection_);
    if (!received) {
      why_not = "the process that listens at unix:" + path + " gives no sockets: " + reason();
      return false;
    }
    if (received->empty()) return true;
    for (int const one : *received) {
      if (!to.adopt(one, why_not)) return false;
    }
  }
}

void predecessor::relieve() {
  if (connection_ < 0) return;
  char const word = 'R';
  if (::send(connection_, &word, 1, MSG_NOSIGNAL) != 1) log_warning("the predecessor has gone by itself");
  ::close(std::exchange(connection_, -1));
}

predecessor::~predecessor() {
  if (connection_ >= 0) ::close(connection_);
}

bool handover::open(const std::string& path, std::string& why_not) {
  // The socket is bound under another name and then renamed: the predecessor's file is replaced atomically, and no process meets an
  // unfinished one.
  auto const beside = path + ".new";
  asio::local::stream_protocol::endpoint const address{beside};
  int const descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ::fchmod(descriptor, 0600);
  ::unlink(beside.c_str());
  bool const good = ::bind(descriptor, address.data(), static_cast<socklen_t>(address.size())) == 0 && ::listen(descriptor, 4) == 0 &&
                    std::rename(beside.c_str(), path.c_str()) == 0;
  if (!good) {
    why_not = "cannot listen for a successor at unix:" + path + ": " + reason();
    ::close(descriptor);
    return false;
  }
  raw_.assign(asio::local::stream_protocol{}, descriptor);
  return true;
}

task<void> handover::run() {
  while (raw_.is_open()) {
    stream_socket successor{at_.get_executor()};
    auto const [error] = co_await raw_.async_accept(successor, use_op);
    if (error && raw_.is_open()) {  // out of descriptors
      pause_.expires_after(std::chrono::milliseconds{50});
      co_await pause_.async_wait(use_op);
    }
    if (error || !is_our_user(successor.native_handle())) continue;  // defence: successor-user
    successor_ = &successor;
    bool const serves = co_await give(successor);
    successor_ = nullptr;
    if (serves) {
      relieved_();
    } else if (raw_.is_open()) {
      log_warning("a successor came for the listening sockets but ended without serving: nothing changes");
    }
  }
}

task<bool> handover::give(stream_socket& successor) {
  start_limit const limit{at_, successor};
  auto const sockets = sockets_();
  log_info("a successor is given {} listening socket(s)", sockets.size());
  for (std::size_t i = 0; i < sockets.size(); i += batch) {
    if (!send_batch(successor.native_handle(), sockets.data() + i, std::min(batch, sockets.size() - i))) co_return false;
  }
  if (!send_batch(successor.native_handle(), nullptr, 0)) co_return false;
  char word{};
  auto const room = asio::buffer(&word, 1);
  auto const [error, size] = co_await successor.async_read_some(room, use_op);
  co_return !error && word == 'R';  // defence: successor-ready
}

void handover::close() {
  error_code ignored;
  raw_.close(ignored);
  pause_.cancel();
  if (successor_ != nullptr) successor_->close(ignored);
}

}  // namespace gateway
