// Names with scripted addresses: this program's getaddrinfo answers for them and passes all others to the system.
// Thread rule: any thread; Asio looks up names on a thread of its own.
#pragma once

#include <string>
#include <vector>

namespace gateway::test {

// During its lifetime, the name has these addresses, in this order, or none.
class scripted_name {
public:
  explicit scripted_name(std::string name);
  scripted_name(const scripted_name&) = delete;
  scripted_name& operator=(const scripted_name&) = delete;
  ~scripted_name();

  void means(std::vector<std::string> addresses);
  [[nodiscard]] const std::string& name() const { return name_; }

private:
  std::string name_;
};

}  // namespace gateway::test
