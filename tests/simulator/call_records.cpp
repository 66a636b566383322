#include "call_records.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <span>

#include "json_string.hpp"
#include "summary_body.hpp"

namespace simulator {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::string_view edge_names[] = {"carrier_edge", "sip_edge", "sdk_edge", "client_edge"};
constexpr auto between_samples = 10s;

std::vector<std::string_view> edges_of(call_shape shape) {
  switch (shape) {
    case call_shape::carrier:
      return {"carrier_edge"};
    case call_shape::client:
      return {"client_edge", "sdk_edge"};
    case call_shape::sip:
    case call_shape::trunking:
    case call_shape::whatsapp:
      return {"sip_edge"};
  }
  return {};
}

bool known(std::span<const std::string_view> names, std::string_view value) { return std::ranges::find(names, value) != names.end(); }

// The edges of the call that the filter lets through.
std::vector<std::string_view> wanted_edges(call_shape shape, const record_filter& wanted) {
  auto edges = edges_of(shape);
  if (wanted.edge) std::erase_if(edges, [&](std::string_view edge) { return edge != *wanted.edge; });
  return edges;
}

void sort_by_time(std::vector<call_record>& records) {
  std::ranges::stable_sort(records, {}, [](const call_record& record) { return record.at; });
}

json::object frame_of(const call_facts& call, const call_record& record) {
  json::object frame;
  frame["timestamp"] = to_rfc3339(record.at);
  frame["call_sid"] = call.sid;
  frame["account_sid"] = call.account_sid;
  frame["edge"] = json_string(record.edge);
  return frame;
}

// All edges stand in each record; what was measured stands in its own.
void add_edges(json::object& frame, std::string_view edge, json::object content) {
  for (const std::string_view name : edge_names) frame[json_string(name)] = nullptr;
  frame[json_string(edge)] = std::move(content);
}

std::string event_json(const call_facts& call, const call_record& record) {
  json::object event = frame_of(call, record);
  event["group"] = json_string(record.group);
  event["level"] = json_string(record.level);
  event["name"] = json_string(record.name);
  json::object content;
  content["direction"] = "inbound";
  add_edges(event, record.edge, std::move(content));
  return json::serialize(event);
}

std::string metric_json(std::uint64_t seed, const call_facts& call, const call_record& record) {
  json::object sample = frame_of(call, record);
  sample["direction"] = json_string(record.direction);
  dice chance{seed, call.sid + std::string{record.edge} + std::string{record.direction} + to_rfc3339(record.at)};
  json::object interval;
  interval["packets_received"] = 500 - chance.between(0, 3);
  interval["packets_lost"] = chance.between(0, 3);
  json::object content;
  content["interval"] = std::move(interval);
  add_edges(sample, record.edge, std::move(content));
  return json::serialize(sample);
}

template <class Records, class Json>
records_body body_for(std::string_view target, std::string_view key, Records records, Json json_of) {
  const auto asked = page_request::parse(query_of(target));
  if (const auto* refused = std::get_if<refused_parameter>(&asked)) return *refused;
  const auto wanted = record_filter::parse(query_of(target));
  if (const auto* refused = std::get_if<refused_parameter>(&wanted)) return *refused;
  const std::vector<call_record> all = records(std::get<record_filter>(wanted));
  const auto& page = std::get<page_request>(asked);
  const page_slice slice = slice_of(page, all.size());
  std::vector<std::string> items;
  for (std::size_t i = slice.from; i < slice.to; ++i) items.push_back(json_of(all[i]));
  return list_body(page, path_of(target), key, all.size(), items);
}

}  // namespace

std::variant<record_filter, refused_parameter> record_filter::parse(std::string_view query) {
  static constexpr std::string_view edges[] = {"unknown_edge", "carrier_edge", "sip_edge", "sdk_edge", "client_edge"};
  static constexpr std::string_view directions[] = {"unknown", "inbound", "outbound", "both"};
  record_filter wanted;
  std::optional<refused_parameter> refused;
  for_each_pair(query, [&](const std::string& name, const std::string& value) {
    if (name == "Edge") wanted.edge = value;
    if (name == "Direction") wanted.direction = value;
    const bool good = (name != "Edge" || known(edges, value)) && (name != "Direction" || known(directions, value));
    if (!good && !refused) refused = refused_parameter{name};
  });
  if (refused) return *refused;
  return wanted;
}

std::string call_body(std::string_view call_sid) {
  const std::string url = std::string{twilio_origin} + "/v1/Voice/" + std::string{call_sid};
  json::object links;
  for (const auto& [name, leaf] :
       {std::pair{"events", "Events"}, {"metrics", "Metrics"}, {"summary", "Summary"}, {"annotation", "Annotation"}})
    links[name] = url + "/" + leaf;
  json::object call;
  call["sid"] = json_string(call_sid);
  call["url"] = url;
  call["links"] = std::move(links);
  return json::serialize(call);
}

std::vector<call_record> events_of(std::uint64_t seed, const call_facts& call, const record_filter& wanted) {
  const call_outline outline = outline_of(seed, call);
  const auto length = call.ended_at - outline.start;
  std::vector<call_record> events;
  for (const std::string_view edge : wanted_edges(outline.shape, wanted)) {
    const auto add = [&](sim_time at, std::string_view group, std::string_view level, std::string_view name) {
      events.push_back({std::min(at, call.ended_at), edge, group, level, name, {}});
    };
    add(outline.start, "call", "INFO", "initiated");
    add(outline.start + 1s, "call", "INFO", "ringing");
    add(outline.start + 3s, "call", "INFO", "answered");
    if (edge == "sdk_edge") {
      dice chance{seed ^ 0x5d4, call.sid};
      for (auto at = outline.start + 5s; at < call.ended_at; at += std::chrono::seconds{chance.between(5, 20)})
        add(at, "network-quality-warning-raised", "WARNING", chance.pick({"high-jitter", "high-rtt", "low-mos", "high-packet-loss"}));
    }
    add(outline.start + length, "call", "INFO", "completed");
  }
  sort_by_time(events);
  return events;
}

std::vector<call_record> metrics_of(std::uint64_t seed, const call_facts& call, const record_filter& wanted) {
  const call_outline outline = outline_of(seed, call);
  std::vector<call_record> samples;
  for (const std::string_view edge : wanted_edges(outline.shape, wanted)) {
    std::vector<std::string_view> directions{"inbound", "outbound"};
    if (edge == "sdk_edge") directions = {"both"};
    if (wanted.direction) std::erase_if(directions, [&](std::string_view direction) { return direction != *wanted.direction; });
    for (auto at = outline.start + between_samples; at <= call.ended_at; at += between_samples)
      for (const std::string_view direction : directions) samples.push_back({at, edge, {}, {}, {}, direction});
  }
  sort_by_time(samples);
  return samples;
}

records_body events_body(std::uint64_t seed, const call_facts& call, std::string_view target) {
  return body_for(
      target, "events", [&](const record_filter& wanted) { return events_of(seed, call, wanted); },
      [&](const call_record& record) { return event_json(call, record); });
}

records_body metrics_body(std::uint64_t seed, const call_facts& call, std::string_view target) {
  return body_for(
      target, "metrics", [&](const record_filter& wanted) { return metrics_of(seed, call, wanted); },
      [&](const call_record& record) { return metric_json(seed, call, record); });
}

}  // namespace simulator
