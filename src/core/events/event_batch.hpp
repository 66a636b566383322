// The events of one delivery: CloudEvents of Twilio's Event Streams, in a JSON array.
// Thread rule: an event_reader belongs to one thread; the rest are values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_reader.hpp"
#include "core/polling/call_event.hpp"

namespace gateway {

// The names are label values.
enum class event_type : std::uint8_t {
  partial,
  predicted_complete,
  complete,
  test,   // Twilio's test of a sink
  other,  // of another product, or unknown
};
inline constexpr std::size_t event_type_count = 5;
std::string_view name_of(event_type what);

struct twilio_event {
  event_type type = event_type::other;
  std::string identity;             // the same in each delivery of the same event (CloudEvents 1.0: id and source)
  std::optional<call_event> about;  // nothing: it is not about a summary, or does not say which
};

class event_reader {
public:
  // Nothing: the body is no JSON array. What is no readable event stands in the list without a call.
  std::optional<std::vector<twilio_event>> read(std::string_view body);
  // Gives back the memory that still holds parts of the last body.
  void forget();

private:
  twilio_event read_one(json_value from);

  json_reader batch_;
  json_reader data_;  // of events whose data is a JSON text of its own
};

}  // namespace gateway
