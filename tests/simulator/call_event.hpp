#pragma once
// The CloudEvents that Twilio's Event Streams send about a call's summary: which, at which moments of its life, as which JSON.
#include <boost/json/object.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

#include "calls.hpp"
#include "clock.hpp"

namespace simulator {

inline constexpr std::string_view partial_event = "com.twilio.voice.insights.call-summary.partial";
inline constexpr std::string_view predicted_event = "com.twilio.voice.insights.call-summary.predicted-complete";
inline constexpr std::string_view complete_event = "com.twilio.voice.insights.call-summary.complete";
inline constexpr std::string_view test_event = "com.twilio.eventstreams.test-event";

struct event_moment {
  std::string_view type;  // one of the names above
  int version = 0;        // of the partial summary that is there at this moment
  sim_time at;
};

// In the order of time: a `partial` for each version, one `predicted-complete` soon after the first, `complete` at the end.
std::vector<event_moment> moments_of(const call_facts& call);

boost::json::object summary_event(std::uint64_t seed, const call_facts& call, const event_moment& moment);
boost::json::object sink_test_event(std::uint64_t seed, std::string_view account_sid, sim_time now);

// The frame of an event of any type, without its `data`.
boost::json::object event_frame(std::string_view type, std::string_view source, std::string_view id, sim_time time);
std::string event_id(std::uint64_t seed, std::string_view words);  // "EZ" and 32 digits, always the same for the same words

}  // namespace simulator
