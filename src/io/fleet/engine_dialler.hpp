// Opens connections to the engine: finds the primary, logs in there, and asks what kind of server it is.
// Thread rule: belongs to its worker. Time rule: each attempt ends by its deadline.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/fleet/engine_address.hpp"
#include "io/fleet/engine_connection.hpp"
#include "io/upstream/resolver.hpp"

namespace gateway {

// Where the engine is, and as which user the gateway logs in.
struct engine_access {
  engine_access() = default;
  engine_address where;
  std::string sentinel_name;              // "": no Sentinel, `where` counts
  std::vector<engine_address> sentinels;  // each knows where the primary of that name is
  std::string user;                       // "": the engine's default user
  secret password;                        // "": no login
  std::string ca_file = "system";
  std::string key;  // any key of the fleet: a server that may not run scripts with it is of no use
};

inline constexpr std::chrono::seconds engine_connect_time{1};

class engine_dialler {
public:
  // Throws std::runtime_error if the authorities cannot be used.
  engine_dialler(worker& at, engine_access how);

  struct dialled {
    dialled() = default;
    std::shared_ptr<engine_connection> connection;  // null: `why_not` says why
    std::string why_not;
    std::optional<engine_address> moved;  // another node of the cluster has the keys
    std::string eviction;                 // what the engine evicts when its memory is full, as it names it; "": unknown, or nothing
  };
  task<dialled> open(mono_time deadline);
  // A node that takes over keys of the cluster: it answers behind ASKING only. Where the link is connected stays as it is.
  task<dialled> open_detour(engine_address where, mono_time deadline);
  // A node of a cluster has named the one that has the keys. That one is dialled from now on, as long as it can be reached.
  void follow(const engine_address& moved) { moved_ = moved; }

  // No look-up is waited for any more.
  void end() {
    for (auto const& one : names_) one.second->close();
  }

  // The address that was dialled last; before that, the one of the settings.
  [[nodiscard]] const engine_address& current() const { return current_ ? *current_ : how_.where; }
  // What the operator wrote.
  [[nodiscard]] std::string address() const;

private:
  // The primary that the Sentinels name.
  task<std::optional<engine_address>> ask_sentinels(mono_time deadline, std::string& why_not);
  enum class purpose : std::uint8_t { link, detour };
  task<dialled> reach(engine_address where, purpose why, mono_time deadline);
  task<std::vector<stream_socket::endpoint_type>> find(const engine_address& where, mono_time deadline);
  task<void> log_in(dialled& with, purpose why);
  std::shared_ptr<client_tls> tls_for(const engine_address& where);

  worker& at_;
  const engine_access how_;
  std::optional<engine_address> moved_;
  std::optional<engine_address> current_;
  std::map<std::string, std::unique_ptr<resolver>> names_;
  std::shared_ptr<client_tls> trusted_;                          // the authorities; null: without TLS
  std::map<std::string, std::shared_ptr<client_tls>> verifies_;  // by host
};

}  // namespace gateway
