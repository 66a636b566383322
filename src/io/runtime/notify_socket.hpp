// Sends datagrams to the service manager's socket, which $NOTIFY_SOCKET names (sd_notify(3)), without its library.
// Thread rule: one thread at a time. A failure is harmless: the message is lost, and the service continues.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// Returns and removes a variable of the environment, so that child processes do not inherit it. "" if there is none.
// Thread rule: before a second thread exists.
std::string taken_from_environment(const char* name);

class notify_socket {
public:
  // `address`: an absolute path, or @ and the name of an abstract socket; anything else is ignored.
  explicit notify_socket(std::string_view address);
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;
  ~notify_socket();

  void send(std::string_view message) const;

private:
  int descriptor_ = -1;  // -1: there is no service manager
};

}  // namespace gateway
