// The messages that replicas publish to each other, over a connection of its own. Messages may be lost: those who listen look for
// themselves as well, only later. Thread rule: belongs to the link's worker.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/fleet/engine_dialler.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {

class engine_feed {
public:
  engine_feed(worker& at, engine_dialler& dialler, std::string channel);

  // Called with each message, on the worker's thread.
  void on_message(std::function<void(std::string_view)> take) { take_ = std::move(take); }
  // Subscribes while it is wanted, and again after each loss, until end().
  task<void> run();
  void want(bool on);
  // Asks for a sign of life. Call it regularly.
  void probe();
  void end();

  [[nodiscard]] bool is_subscribed() const { return subscribed_; }

private:
  task<void> listen();
  void take(const engine_reply& message);
  void log_refusal(const std::string& reply);

  engine_dialler& dialler_;
  const std::string channel_;
  std::function<void(std::string_view)> take_;
  std::shared_ptr<sleeper> pause_;
  std::shared_ptr<engine_connection> over_;  // null: none
  std::string logged_;
  bool subscribed_ = false;
  bool wanted_ = false;
  bool ends_ = false;
};

}  // namespace gateway
