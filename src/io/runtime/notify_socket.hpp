// The way to the service manager: datagrams to the socket that $NOTIFY_SOCKET names (sd_notify(3)), without its library.
// Thread rule: one thread at a time. A failure is harmless: the message is lost, and the service goes on.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// The value of a variable of the environment, which is removed: what was meant for us is not passed on to others. "" if there is none.
// Thread rule: before there is a second thread.
std::string taken_from_environment(const char* name);

class notify_socket {
public:
  // `address`: an absolute path, or @ and the name of an abstract socket; anything else is no address.
  explicit notify_socket(std::string_view address);
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;
  ~notify_socket();

  void send(std::string_view message) const;

private:
  int descriptor_ = -1;  // -1: there is no service manager
};

}  // namespace gateway
