// The part of Twilio's Event Streams API that sets up a webhook: POST /v1/Sinks, /v1/Sinks/{Sid}/Test and /v1/Subscriptions.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "api_error.hpp"
#include "json_fields.hpp"
#include "json_string.hpp"
#include "twilio.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

constexpr std::string_view events_origin = "https://events.twilio.com";

struct form {
  std::string description, sink_type, configuration, sink_sid;
  std::vector<std::string> types;  // JSON objects

  explicit form(std::string_view body) {
    for_each_pair(body, [&](const std::string& name, const std::string& value) {
      if (name == "Description") description = value;
      if (name == "SinkType") sink_type = value;
      if (name == "SinkConfiguration") configuration = value;
      if (name == "SinkSid") sink_sid = value;
      if (name == "Types") types.push_back(value);
    });
  }
};

std::optional<json::value> object_of(const std::string& written) {
  boost::system::error_code error;
  json::value value = json::parse(written, error);
  if (error || !value.is_object()) return {};
  return value;
}

std::optional<sink> sink_of(const json::value& configuration, std::string_view account_sid) {
  json_fields fields{configuration, "SinkConfiguration"};
  sink made;
  made.account_sid = account_sid;
  made.destination = fields.text("destination").value_or("");
  made.batch = fields.flag("batch_events").value_or(false);
  if (fields.text("method").value_or("POST") != "POST" || !sink_url::parse(made.destination) || fields.problem()) return {};
  return made;
}

// Empty when one of them is no object with a type.
std::vector<std::string> types_of(const std::vector<std::string>& written) {
  std::vector<std::string> types;
  for (const std::string& each : written) {
    const auto object = object_of(each);
    const auto* type = object ? object->get_object().if_contains("type") : nullptr;
    if (type == nullptr || !type->is_string()) return {};
    types.emplace_back(std::string_view{type->get_string()});
  }
  return types;
}

answer created(std::string_view path, std::string_view sid, std::string_view description, sim_time now, json::object more) {
  more["sid"] = json_string(sid);
  more["description"] = json_string(description);
  for (const char* date : {"date_created", "date_updated"}) more[date] = to_rfc3339(now);
  more["url"] = std::string{events_origin} + std::string{path} + "/" + std::string{sid};
  answer made;
  made.status = 201;
  made.body = json::serialize(more);
  return made;
}

}  // namespace

answer twilio::stream_answer(const arrival& arrived, const request_facts& request, sim_time now) {
  if (request.method != "POST") {
    answer refused = error_answer(20004, {});
    refused.headers = {{"Allow", "POST"}};
    return refused;
  }
  const std::string& account_sid = arrived.who->sid;
  const form given{request.body};
  if (arrived.asked.what == resource::sinks) {
    const auto configuration = object_of(given.configuration);
    auto made = configuration ? sink_of(*configuration, account_sid) : std::nullopt;
    if (!made) return error_answer(20001, "Invalid parameter: SinkConfiguration");
    if (given.sink_type != "webhook") return error_answer(20001, "Invalid parameter: SinkType must be webhook here");
    json::object more;
    more["sink_type"] = "webhook";
    more["sink_configuration"] = *configuration;
    more["status"] = "initialized";
    return created("/v1/Sinks", add_sink(std::move(*made)), given.description, now, std::move(more));
  }

  const std::string& sink_sid = arrived.asked.what == resource::sink_test ? arrived.asked.sink_sid : given.sink_sid;
  const sink* to = webhooks_.find(sink_sid);
  if (to == nullptr || to->account_sid != account_sid) return error_answer(20404, {});
  if (arrived.asked.what == resource::sink_test) {
    const json::object event = sink_test_event(seed_, account_sid, now);
    webhooks_.send(sink_sid, delivery_of(*to, {&event, 1}), 1);
    webhooks_changed_();
    answer made;
    made.status = 201;
    made.body = R"({"result": "submitted"})";
    return made;
  }
  const auto types = types_of(given.types);
  if (types.empty()) return error_answer(20001, "Invalid parameter: Types");
  json::object more;
  more["account_sid"] = account_sid;
  more["sink_sid"] = sink_sid;
  return created("/v1/Subscriptions", add_subscription(sink_sid, types), given.description, now, std::move(more));
}

}  // namespace simulator
