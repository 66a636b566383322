#pragma once
// A list of faults that tests put between the simulated Twilio and its answers: which requests they hit, how often, and what they do.
// Thread rule: guarded by its owner's lock.
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "delivery.hpp"
#include "route.hpp"

namespace simulator {

struct replace_answer {
  unsigned status;
  std::optional<int> code;
  header_list headers;
  std::optional<std::string> body;
};
struct other_call {
  std::string call_sid;
};  // "": a neighbour of the call asked for
struct oversized {
  std::size_t bytes;
};
struct added_header {
  std::string name, value;
};
struct added_latency {
  std::chrono::microseconds pause;
};
struct garbage {
  std::size_t bytes;
};
using delivery_change = delivery;  // whatever it sets is set in the answer's delivery

using fault_action = std::variant<replace_answer, other_call, oversized, added_header, added_latency, garbage, delivery_change>;
using fault_actions = std::shared_ptr<const std::vector<fault_action>>;

class fault_script {
public:
  // Replaces the list; on a problem says what it is and changes nothing.
  std::optional<std::string> load(const boost::json::value& list);
  void clear() { rules_.clear(); }

  // What the first rule that is neither waiting (skip) nor used up (times) does to this request; null: nothing.
  fault_actions take(std::string_view method, const route& asked);

private:
  struct rule {
    std::optional<std::string> call_sid, method;
    bool any_state = true;
    std::optional<std::string> processing_state;  // looked at unless any_state; nullopt: the request must not have one
    std::size_t skip = 0, times = 1;
    std::size_t used = 0;
    fault_actions actions;
  };
  static std::optional<std::string> parse_rule(const boost::json::value& value, rule& out);
  static std::optional<std::string> parse_action(const boost::json::value& value, bool nested, std::vector<fault_action>& out);

  std::vector<rule> rules_;
};

void merge(delivery& into, const delivery& change);
std::string garbage_bytes(std::size_t count, std::uint64_t seed);

}  // namespace simulator
