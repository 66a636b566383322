// What names mean, in the test's words: getaddrinfo of this program answers for them and leaves all others to the system.
// Thread rule: any thread; Asio looks names up on one of its own.
#pragma once

#include <string>
#include <vector>

namespace gateway::test {

// From now on, and until it goes: these addresses, in this order, or none.
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
