#pragma once
// Which events of the registered calls fall due when. Thread rule: guarded by its owner's lock.
#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "call_event.hpp"

namespace simulator {

struct due_event {
  std::string account_sid, call_sid;
  boost::json::object event;
};

class event_schedule {
public:
  explicit event_schedule(std::uint64_t seed) : seed_(seed) {}

  // From now on; what lies in the past has been sent before. A call that is registered again begins again.
  void follow(const call_facts& call, sim_time now);
  std::vector<due_event> take(sim_time now);
  std::optional<sim_time> next() const;
  void clear();

private:
  struct entry {
    std::weak_ptr<const call_facts> call;  // gone: the call was registered again
    event_moment moment;
  };
  std::uint64_t seed_;
  std::unordered_map<std::string, std::shared_ptr<const call_facts>> calls_;  // those with events to come
  std::multimap<sim_time, entry> entries_;
};

}  // namespace simulator
