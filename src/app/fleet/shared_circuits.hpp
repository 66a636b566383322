// The circuits of a fleet: what the limiter of this gateway has to tell travels to the engine, and the engine's word back. One look at a
// time is under way. While the engine is in trouble, the gateway goes on alone.
// Thread rule: belongs to the fleet's lane.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/fleet/account_names.hpp"
#include "core/fleet/shared_circuits.hpp"
#include "io/fleet/engine.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

class shared_circuits {
public:
  // `trouble`: called if the engine gives no usable reply.
  shared_circuits(worker& at, engine& link, upstream_permits& permits, account_names& names, circuit_place where,
                  std::function<void()> trouble);

  // `anyway`: the engine is asked also if there is nothing to tell.
  void look(bool anyway);
  // A message of the engine's feed.
  void take_message(std::string_view message) {
    if (has_changed_circuits(message, where_.replica)) look(true);
  }

private:
  task<void> speak();

  worker& at_;
  engine& link_;
  upstream_permits& permits_;
  account_names& names_;
  const circuit_place where_;
  std::function<void()> trouble_;
  bool speaks_ = false;
  bool again_ = false;  // something happened meanwhile
  bool anyway_ = false;
};

}  // namespace gateway
