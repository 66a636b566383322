// Tells the service manager how the server is: when it is ready, reloads, ends; and, while all lanes move, that it is alive.
// Thread rule: belongs to the control worker.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "io/runtime/notify_socket.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// What a service manager put into the environment.
struct supervision {
  std::string notify_address;            // "": there is none
  std::chrono::microseconds watchdog{};  // 0: it does not watch

  // The variables are removed. Thread rule: before there is a second thread.
  static supervision from_environment();
};

class supervisor {
public:
  supervisor(worker& at, const supervision& by) : notify_(by.notify_address), watchdog_(by.watchdog), timer_(at.get_executor()) {}

  void ready(std::string status);
  void reloading() const;
  // Ready again, with what came of it.
  void reloaded(std::string_view result) const;
  // Again and again, while it drains.
  void stopping(std::string_view status);

  // Until stop(). No word while one of these has not moved for a whole interval: then the manager ends us, and starts us anew.
  task<void> watch(std::vector<const worker*> lanes);
  void stop();

private:
  void look_at(const std::vector<const worker*>& lanes);

  notify_socket notify_;
  std::chrono::microseconds watchdog_;
  steady_timer timer_;
  std::string status_;
  bool stopping_ = false;
  bool stopped_ = false;
};

}  // namespace gateway
