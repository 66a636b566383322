// The way of single commands to another node of a cluster, while it takes over the fleet's keys one by one: each goes there behind ASKING.
// The link stays where most keys are. Thread rule: belongs to the link's worker. Time rule: a reply that is due for a second ends it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "io/fleet/engine_dialler.hpp"

namespace gateway {

class engine_detour {
public:
  // Called with the reply, or with null if there is none; perhaps at once.
  using taker = std::function<void(engine_reply*)>;

  engine_detour(worker& at, engine_dialler& dialler) : at_(at), dialler_(dialler) {}

  // `command`: as it is written to an engine.
  void send(const engine_address& to, std::string_view command, taker take);
  // Those that wait hear of it at once.
  void close();

private:
  task<void> serve(std::uint64_t journey);

  worker& at_;
  engine_dialler& dialler_;
  engine_address to_;
  std::uint64_t journey_ = 0;  // of this node; another one, or none, has another number
  bool under_way_ = false;
  std::shared_ptr<engine_connection> over_;  // null: not connected
  std::string unsent_;                       // until then
  std::deque<taker> awaited_;
};

}  // namespace gateway
