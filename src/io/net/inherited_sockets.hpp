// Listening sockets that were open before this process started: from a service manager (socket activation, sd_listen_fds(3)) or a
// predecessor (handover). Each goes to the listener with its address; a listener without an inherited socket binds its own.
// Thread rule: made at start on the main thread.
#pragma once

#include <string>
#include <vector>

#include "io/net/listening_socket.hpp"

namespace gateway {

class inherited_sockets {
public:
  // Takes the sockets of $LISTEN_FDS, if they are for this process, and removes the variables. False and a sentence if one is no listening
  // socket.
  bool take_from_environment(std::string& why_not);
  // Adds one more socket and takes ownership of it.
  bool adopt(int descriptor, std::string& why_not);

  // Removes and returns the sockets bound to this address.
  std::vector<listening_socket> take(const endpoint& where);
  // The address of a socket that matches none of these; "" if there is none.
  [[nodiscard]] std::string stranger(const std::vector<endpoint>& configured) const;
  [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
  std::vector<listening_socket> all_;
};

}  // namespace gateway
