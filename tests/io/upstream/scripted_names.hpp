// Names with scripted addresses: this program's getaddrinfo answers for them and passes all others to the system.
// Thread rule: any thread; the resolver looks up names on a thread of its own.
#pragma once

#include <string>
#include <vector>

namespace gateway::test {

// During its lifetime, the name has these addresses, in this order, or none. Its end waits for lookups under way.
class scripted_name {
public:
  explicit scripted_name(std::string name);
  scripted_name(const scripted_name&) = delete;
  scripted_name& operator=(const scripted_name&) = delete;
  ~scripted_name();

  void means(std::vector<std::string> addresses);
  // From now on a lookup ends only after answer().
  void hang();
  void answer();
  // Lookups that have begun.
  [[nodiscard]] std::size_t look_ups() const;
  [[nodiscard]] const std::string& name() const { return name_; }

private:
  std::string name_;
};

}  // namespace gateway::test
