// Listening sockets that were open before this process: a service manager's (socket activation, sd_listen_fds(3)) or a predecessor's
// (handover). Each goes to the listener whose address it is bound to; what has none of them is bound as ever.
// Thread rule: made at start on the main thread.
#pragma once

#include <string>
#include <vector>

#include "io/net/listening_socket.hpp"

namespace gateway {

class inherited_sockets {
public:
  // Those of $LISTEN_FDS, if they are for this process; the variables are removed. False and a sentence if one is no listening socket.
  bool take_from_environment(std::string& why_not);
  // One more; it becomes ours.
  bool adopt(int descriptor, std::string& why_not);

  // Those bound to this address, no longer here.
  std::vector<listening_socket> take(const endpoint& where);
  // Where one is bound that is for none of these addresses; "" if there is none.
  [[nodiscard]] std::string stranger(const std::vector<endpoint>& configured) const;
  [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
  std::vector<listening_socket> all_;
};

}  // namespace gateway
