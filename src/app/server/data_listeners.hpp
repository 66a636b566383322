// The data listeners, where clients connect: as the settings have them at start, and as a reload changes them. prepare() does everything
// that can fail and changes nothing yet; commit() cannot fail. The record of a removed listener stays for the life of the process, because
// its connections may outlive it, log lines still name it, and a later reload may add it again.
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
  std::string name;  // in metrics and log lines: its address, with #2 for the second of that address (port 0 may occur twice)
  certificate_watch certificate;
  published_trust trust{std::make_shared<const listener_trust>()};
  connection_count connections;
  std::vector<listening_socket> sockets;  // one for each lane, one for a unix socket, or the inherited ones; empty: not open
};

class data_listeners {
public:
  using for_lane = std::vector<listening_socket>;

  // What is read for a listener before it is prepared: its files, and the owner of its socket. Not for an event loop.
  struct reading {
    certificate_watch::reading tls;
    std::optional<socket_owner> owner;  // nullopt: the system has no such owner
  };
  // Open sockets that no lane accepts from yet.
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
    data_listener* known = nullptr;  // null: no listener has had this address
    reading found;
    std::vector<listening_socket> sockets;  // empty: it keeps those that it has
    std::vector<for_lane> lanes;
  };
  using plan = std::vector<wanted>;

  explicit data_listeners(std::size_t lanes) : lanes_(lanes) {}

  static std::vector<reading> read(const std::vector<listener_settings>& next);
  // Takes the inherited sockets of an address or binds new ones, where none is open yet. `problems` gets each reason why that failed.
  plan prepare(const std::vector<listener_settings>& next, std::vector<reading> read, inherited_sockets& inherited,
               std::vector<std::string>& problems);
  change commit(plan made);
  // Closes our descriptors of all sockets. Once the lanes close theirs, new connections are refused, unless a successor has the sockets.
  void close();

  [[nodiscard]] const std::vector<std::unique_ptr<data_listener>>& all() const { return all_; }
  [[nodiscard]] const listener_names& names() const { return names_; }

private:
  using claimed = std::vector<const data_listener*>;
  [[nodiscard]] data_listener* find(const listener_settings& values, const claimed& taken) const;
  [[nodiscard]] bool makes_room(const endpoint& where, const claimed& staying) const;
  bool open(wanted& one, const claimed& staying, inherited_sockets& inherited, std::string& why_not) const;

  std::size_t lanes_;
  std::vector<std::unique_ptr<data_listener>> all_;  // by the number that requests carry; entries are only added
  listener_names names_{std::make_shared<const std::vector<std::string>>()};
};

}  // namespace gateway
