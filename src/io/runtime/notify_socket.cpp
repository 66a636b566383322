#include "io/runtime/notify_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace gateway {

std::string taken_from_environment(const char* name) {
  auto const* const found = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
  std::string value = found != nullptr ? found : "";
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value;
}

notify_socket::notify_socket(std::string_view address) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof to.sun_path || (address.front() != '/' && address.front() != '@')) return;
  std::copy(address.begin(), address.end(), to.sun_path);
  if (address.front() == '@') to.sun_path[0] = '\0';
  // An abstract name has no terminating zero; a path has one.
  auto const size = offsetof(sockaddr_un, sun_path) + address.size() + (address.front() == '/' ? 1 : 0);
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor_ >= 0 && ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size)) != 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
}

notify_socket::~notify_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void notify_socket::send(std::string_view message) const {
  if (descriptor_ < 0) return;
  // A manager that does not read must not block us.
  ::send(descriptor_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace gateway
