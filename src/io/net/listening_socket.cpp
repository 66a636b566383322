#include "io/net/listening_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace gateway {
namespace {

asio::generic::stream_protocol::endpoint address_of(const endpoint& where) {
  if (where.is_unix()) return asio::local::stream_protocol::endpoint{where.unix_path};
  return asio::ip::tcp::endpoint{asio::ip::make_address(where.address), where.port};
}

// A socket file without a listener was left by a process that could not clean up.
void remove_stale_file(const asio::generic::stream_protocol::endpoint& address, const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;  // removes nothing but a socket
  int const probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return;
  bool const nobody = ::connect(probe, address.data(), static_cast<socklen_t>(address.size())) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (nobody) ::unlink(path.c_str());
}

void set_flag(int descriptor, int level, int option) {
  int const on = 1;
  ::setsockopt(descriptor, level, option, &on, sizeof on);
}

// SO_REUSEPORT would let a second gateway bind the same port and take half of the first one's clients. errno holds the reason.
bool is_taken(const asio::generic::stream_protocol::endpoint& address) {
  int const probe = ::socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return true;
  set_flag(probe, SOL_SOCKET, SO_REUSEADDR);
  if (address.data()->sa_family == AF_INET6) set_flag(probe, IPPROTO_IPV6, IPV6_V6ONLY);
  bool const taken = ::bind(probe, address.data(), static_cast<socklen_t>(address.size())) != 0;
  int const why = errno;
  ::close(probe);
  errno = why;
  return taken;
}

// Gives the socket file its owner and mode.
bool hand_over(const std::string& path, const socket_file& file, std::string& why_not) {
  auto const failed = [&](const std::string& what) {
    why_not = "cannot " + what + " of unix:" + path + ": " + error_code{errno, boost::system::system_category()}.message();
    return false;
  };
  if (!file.owner.empty()) {
    if (!file.found) {
      why_not = "owner '" + file.owner + "' of unix:" + path + " is no USER, USER:GROUP or :GROUP of this system";
      return false;
    }
    if (::lchown(path.c_str(), file.found->user, file.found->group) != 0) return failed("set the owner");
  }
  auto const mode = parse_mode(file.mode);
  if (mode && ::chmod(path.c_str(), *mode) != 0) return failed("set the mode");
  if (!mode && !file.owner.empty() && ::chmod(path.c_str(), 0660) != 0) return failed("set the mode");
  return true;
}

std::string explain(const endpoint& where, std::string_view step) {
  std::string text =
      "cannot " + std::string{step} + " " + url_of(where, false) + ": " + error_code{errno, boost::system::system_category()}.message();
  if (errno == EADDRINUSE) text += "; is another process, perhaps another summary-gateway, listening there?";
  return text;
}

// The address of a socket, if a listener can have it.
std::optional<endpoint> bound_to(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return std::nullopt;
  endpoint where;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bound.ss_family == AF_UNIX) {
    auto const& at = reinterpret_cast<const sockaddr_un&>(bound);
    if (at.sun_path[0] != '/') return std::nullopt;  // abstract, or unnamed
    where.unix_path.assign(at.sun_path, ::strnlen(at.sun_path, sizeof at.sun_path));
    return where;
  }
  bool const v6 = bound.ss_family == AF_INET6;
  if (!v6 && bound.ss_family != AF_INET) return std::nullopt;
  auto const& v4_at = reinterpret_cast<const sockaddr_in&>(bound);
  auto const& v6_at = reinterpret_cast<const sockaddr_in6&>(bound);
  ::inet_ntop(bound.ss_family, v6 ? static_cast<const void*>(&v6_at.sin6_addr) : &v4_at.sin_addr, text.data(), text.size());
  where.address = text.data();
  where.port = ntohs(v6 ? v6_at.sin6_port : v4_at.sin_port);
  return where;
}

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

std::optional<socket_owner> find_owner(std::string_view owner) {
  socket_owner found;
  auto const colon = std::min(owner.find(':'), owner.size());
  std::string const user{owner.substr(0, colon)};
  std::string const group{owner.substr(std::min(colon + 1, owner.size()))};
  std::vector<char> room(1024 * 1024);  // a group may have thousands of members
  if (!user.empty()) {
    passwd entry{};
    passwd* known = nullptr;
    ::getpwnam_r(user.c_str(), &entry, room.data(), room.size(), &known);
    auto const number = parse_decimal(user);
    if (known == nullptr && !number) return std::nullopt;
    found.user = known != nullptr ? known->pw_uid : static_cast<::uid_t>(*number);
  }
  if (!group.empty()) {
    ::group entry{};
    ::group* known = nullptr;
    ::getgrnam_r(group.c_str(), &entry, room.data(), room.size(), &known);
    auto const number = parse_decimal(group);
    if (known == nullptr && !number) return std::nullopt;
    found.group = known != nullptr ? known->gr_gid : static_cast<::gid_t>(*number);
  }
  return found;
}

listening_socket listening_socket::open(const endpoint& where, const socket_file& file, bool shared, std::string& why_not) {
  auto const address = address_of(where);
  listening_socket made;
  made.where_ = where;
  made.descriptor_ = ::socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.descriptor_ < 0) {
    why_not = explain(where, "make a socket for");
    return {};
  }
  if (where.is_unix()) {
    remove_stale_file(address, where.unix_path);
  } else if (!shared && is_taken(address)) {
    why_not = explain(where, "bind");
    return {};
  } else {
    set_flag(made.descriptor_, SOL_SOCKET, SO_REUSEADDR);
    set_flag(made.descriptor_, SOL_SOCKET, SO_REUSEPORT);
    // So that both [::] and 0.0.0.0 can be bound.
    if (address.data()->sa_family == AF_INET6) set_flag(made.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY);
  }
  // No other user may connect before the file has its configured owner and mode: bind creates it with the mode of the descriptor.
  if (where.is_unix() && !(file.mode.empty() && file.owner.empty())) ::fchmod(made.descriptor_, 0600);
  if (::bind(made.descriptor_, address.data(), static_cast<socklen_t>(address.size())) != 0) {
    why_not = explain(where, "bind");
    return {};
  }
  if (where.is_unix() && !hand_over(where.unix_path, file, why_not)) {
    ::unlink(where.unix_path.c_str());
    return {};
  }
  if (::listen(made.descriptor_, SOMAXCONN) != 0) {
    why_not = explain(where, "listen on");
    return {};
  }
  if (auto const bound = bound_to(made.descriptor_)) made.where_.port = bound->port;
  return made;
}

listening_socket listening_socket::adopt(int descriptor, std::string& why_not) {
  listening_socket made;
  made.descriptor_ = descriptor;
  auto const refused = [&](std::string_view why) {
    why_not = "the inherited descriptor " + std::to_string(descriptor) + " is " + std::string{why};
    return listening_socket{};
  };
  if (option_of(descriptor, SO_ACCEPTCONN) <= 0 || option_of(descriptor, SO_TYPE) != SOCK_STREAM)
    return refused("no socket that listens for connections");
  auto const where = bound_to(descriptor);
  if (!where) return refused("bound to no address that a listener can have");
  made.where_ = *where;
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return made;
}

listening_socket::~listening_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

listening_socket listening_socket::duplicate() const {
  listening_socket copy;
  copy.where_ = where_;
  copy.descriptor_ = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  if (!copy.is_open()) throw std::runtime_error{explain(where_, "duplicate the socket of")};
  return copy;
}

std::string url_of(const endpoint& where, bool tls) {
  if (where.is_unix()) return "unix:" + where.unix_path;
  bool const literal = where.address.find(':') != std::string::npos;
  return std::string{tls ? "https://" : "http://"} + (literal ? "[" + where.address + "]" : where.address) + ":" +
         std::to_string(where.port);
}

}  // namespace gateway
