// Tells the service manager when the server is ready, reloads or ends. While no lane is stuck, it also tells that the server is alive.
// Thread rule: belongs to the control worker.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "io/runtime/notify_socket.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// What the service manager put into the environment.
struct supervision {
  std::string notify_address;            // "": there is none
  std::chrono::microseconds watchdog{};  // 0: it does not watch

  // Reads the variables and removes them. Thread rule: only while the process has one thread.
  static supervision from_environment();
};

class supervisor {
public:
  supervisor(worker& at, const supervision& by) : notify_(by.notify_address), watchdog_(by.watchdog), timer_(at.get_executor()) {}

  void ready(std::string status);
  void reloading() const;
  // Ready again; `result` says what the reload did.
  void reloaded(std::string_view result) const;
  // Called repeatedly during a drain; `status` is its progress.
  void stopping(std::string_view status);

  // Reports "alive" until stop(), but not while a lane has not moved for a whole interval. The service manager then restarts the gateway.
  task<void> watch(std::vector<worker*> lanes);
  void stop();

private:
  void look_at(const std::vector<worker*>& lanes);

  notify_socket notify_;
  std::chrono::microseconds watchdog_;
  steady_timer timer_;
  std::string status_;
  bool stopping_ = false;
  bool stopped_ = false;
};

}  // namespace gateway
