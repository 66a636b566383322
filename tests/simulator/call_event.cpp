#include "call_event.hpp"

#include <cstdio>

#include "json_string.hpp"
#include "summary_body.hpp"

namespace simulator {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

std::string hex(dice& chance) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(chance.next()),
                static_cast<unsigned long long>(chance.next()));
  return digits;
}

json::object summary_data(std::uint64_t seed, const call_facts& call, const event_moment& moment) {
  const call_outline outline = outline_of(seed, call);
  json::object data;
  data["call_sid"] = call.sid;
  data["account_sid"] = call.account_sid;
  data["parent_call_sid"] = "";
  data["parent_account_sid"] = "";
  data["start_time"] = to_rfc3339(outline.start);
  data["end_time"] = to_rfc3339(call.ended_at);
  data["duration"] = std::chrono::floor<std::chrono::seconds>(call.ended_at - outline.start).count();
  data["call_type"] = json_string(to_string(outline.shape));
  data["call_state"] = "completed";
  data["processing_state"] = moment.type == complete_event ? "complete" : "partial";
  data["processing_version"] = moment.version + 1;
  data["tags"] = json::array{};
  return data;
}

}  // namespace

std::vector<event_moment> moments_of(const call_facts& call) {
  std::vector<event_moment> moments;
  const milliseconds span = call.complete_after - call.partial_after;
  if (span > span.zero()) {
    for (int version = 0; version < partial_versions; ++version) {
      // Rounded up: at this moment life_of() already gives the version.
      const milliseconds since{(span.count() * version + partial_versions - 1) / partial_versions};
      moments.push_back({partial_event, version, call.ended_at + call.partial_after + since});
      if (version == 0) moments.push_back({predicted_event, version, call.ended_at + call.partial_after + span / 20});
    }
  }
  moments.push_back({complete_event, partial_versions, call.ended_at + call.complete_after});
  return moments;
}

std::string event_id(std::uint64_t seed, std::string_view words) {
  dice chance{seed ^ 0xe5e5, words};
  return "EZ" + hex(chance);
}

json::object event_frame(std::string_view type, std::string_view source, std::string_view id, sim_time time) {
  json::object event;
  event["specversion"] = "1.0";
  event["type"] = json_string(type);
  event["source"] = json_string(source);
  event["id"] = json_string(id);
  event["dataschema"] = type == test_event ? "https://events-schemas.twilio.com/EventStreams.TestSink/1.json"
                                           : "https://events-schemas.twilio.com/VoiceInsights.CallSummary/3.json";
  event["datacontenttype"] = "application/json";
  event["time"] = to_rfc3339_ms(time);
  return event;
}

json::object summary_event(std::uint64_t seed, const call_facts& call, const event_moment& moment) {
  const std::string words = call.sid + std::string{moment.type} + std::to_string(moment.version) + to_rfc3339_ms(moment.at);
  json::object event = event_frame(moment.type, "/v1/Voice/" + call.sid + "/Summary", event_id(seed, words), moment.at);
  event["data"] = summary_data(seed, call, moment);
  return event;
}

json::object sink_test_event(std::uint64_t seed, std::string_view account_sid, sim_time now) {
  json::object event = event_frame(test_event, "Sink", account_sid, now);
  dice chance{seed, to_rfc3339_ms(now)};
  json::object data;
  data["test_id"] = hex(chance);
  event["data"] = std::move(data);
  return event;
}

}  // namespace simulator
