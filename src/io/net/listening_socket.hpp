// Sockets are bound before anything else starts, so that a port in use gives one clear error and not a half-started program.
// Thread rule: made on the main thread, at start or by a reload; find_owner on any.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/settings/endpoint.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// Owner and mode of a unix socket, which decide who may connect: validated settings, "" for the system's default.
struct socket_owner {
  ::uid_t user = static_cast<::uid_t>(-1);  // -1 leaves the owner unchanged
  ::gid_t group = static_cast<::gid_t>(-1);
};
struct socket_file {
  std::string mode{};
  std::string owner{};
  std::optional<socket_owner> found = socket_owner();  // what find_owner(owner) returned
};

// "USER", "USER:GROUP" or ":GROUP", by name or number. It asks the user database, so it is not for an event loop.
std::optional<socket_owner> find_owner(std::string_view owner);

// A bound and listening descriptor, closed on destruction. Several workers may each bind the same TCP endpoint (SO_REUSEPORT); they share a
// unix socket by duplicating its descriptor.
class listening_socket {
public:
  // `shared`: an earlier socket of this process is already bound there. `why_not` says what is wrong if the result is not open.
  static listening_socket open(const endpoint& where, const socket_file& file, bool shared, std::string& why_not);

  // Takes ownership of `descriptor`, a socket that another process bound and listens on; it is ours even if this fails.
  static listening_socket adopt(int descriptor, std::string& why_not);

  listening_socket() = default;
  listening_socket(listening_socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), where_(std::move(other.where_)) {}
  listening_socket& operator=(listening_socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(where_, other.where_);
    return *this;
  }
  ~listening_socket();

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const endpoint& where() const { return where_; }  // with the port that the kernel chose for port 0
  // The same socket for another acceptor; throws if there is no free descriptor.
  [[nodiscard]] listening_socket duplicate() const;
  // The descriptor; the caller owns it from now on.
  int release() { return std::exchange(descriptor_, -1); }

private:
  int descriptor_ = -1;
  endpoint where_;
};

// "http://127.0.0.1:8080", "https://[::1]:8443", "unix:/run/x.sock"
std::string url_of(const endpoint& where, bool tls);

}  // namespace gateway
