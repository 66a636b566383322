// The listeners of clients: as the settings have them at start, and as a reload changes them. Everything that can fail happens in
// prepare(), which changes nothing for anybody; commit() cannot fail. A listener that is taken away keeps its record for as long as the
// process lives: connections that it has accepted may outlive it, lines of the log still name it, and it may come back.
// Thread rule: belongs to the control worker; lanes hold references into records.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/server/certificate_watch.hpp"
#include "io/net/acceptor.hpp"
#include "io/net/inherited_sockets.hpp"
#include "io/runtime/access_queue.hpp"

namespace gateway {

struct data_listener {
  explicit data_listener(const listener_settings& from) : values(from), certificate(from.address) {}

  [[nodiscard]] bool is_open() const { return !sockets.empty(); }

  listener_settings values;
  std::string name;  // in figures and lines: its address, with #2 for the second of that address (port 0 may stand twice)
  certificate_watch certificate;
  published_trust trust{std::make_shared<const listener_trust>()};
  connection_count connections;
  std::vector<listening_socket> sockets;  // one per lane, a single one for a unix socket, or those inherited; none: it is not open
};

class data_listeners {
public:
  using for_lane = std::vector<listening_socket>;

  // Sockets that are open and wait for lanes to accept from them.
  struct opening {
    data_listener* which = nullptr;
    std::vector<for_lane> lanes;
  };
  struct change {
    std::vector<opening> opened;
    std::vector<const data_listener*> closed;
  };
  struct wanted {
    listener_settings values;
    data_listener* known = nullptr;  // null: there was none of that address yet
    certificate_watch::reading tls;
    std::vector<listening_socket> sockets;  // none: those that it has
    std::vector<for_lane> lanes;
  };
  using plan = std::vector<wanted>;

  explicit data_listeners(std::size_t lanes) : lanes_(lanes) {}

  // Binds what is not there yet, on inherited sockets if there are any for it. What cannot be had is told in `problems`.
  plan prepare(const std::vector<listener_settings>& next, inherited_sockets& inherited, std::vector<std::string>& problems);
  change commit(plan made);
  // Of all; with lanes that close theirs, new connections are refused, unless somebody else has the sockets, too.
  void close();

  // Once a second.
  void look_at_certificates();

  [[nodiscard]] const std::vector<std::unique_ptr<data_listener>>& all() const { return all_; }
  [[nodiscard]] const listener_names& names() const { return names_; }

private:
  using claimed = std::vector<const data_listener*>;
  [[nodiscard]] data_listener* find(const listener_settings& values, const claimed& taken) const;
  [[nodiscard]] bool makes_room(const endpoint& where, const claimed& staying) const;
  bool open(wanted& one, const claimed& staying, inherited_sockets& inherited, std::string& why_not) const;

  std::size_t lanes_;
  std::vector<std::unique_ptr<data_listener>> all_;  // by the number that requests carry; only ever longer
  listener_names names_{std::make_shared<const std::vector<std::string>>()};
};

}  // namespace gateway
