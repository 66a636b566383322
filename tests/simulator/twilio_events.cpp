// The simulated Twilio's Event Streams: what the control port says about sinks, and what is due for them.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "json_fields.hpp"
#include "json_string.hpp"
#include "twilio.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

constexpr double longest_delay = 86400;  // in seconds
constexpr std::string_view summary_types[] = {partial_event, predicted_event, complete_event};

control_outcome refused(std::string problem) { return {std::move(problem), {}}; }

control_outcome made_with(std::string_view sid) {
  control_outcome outcome;
  outcome.made["sid"] = json_string(sid);
  return outcome;
}

std::optional<signing> read_signing(json_fields& fields) {
  const auto name = fields.text("signing");
  if (!name) return {};
  const auto how = parse_signing(*name);
  if (!how) fields.complain(".signing must be right, wrong_token, absent, other_url, no_body_hash, other_body or default_port");
  return how;
}

std::string read_url(json_fields& fields, std::string_view key) {
  auto url = fields.text(key);
  if (url && !sink_url::parse(*url)) fields.complain("." + std::string{key} + " must be an http or https URL");
  return url.value_or("");
}

sink read_sink(json_fields& fields) {
  sink made;
  made.sid = fields.text("sid").value_or("");
  if (!made.sid.empty() && !is_sid(made.sid, "DG")) fields.complain(".sid must be DG and 32 hex digits");
  made.account_sid = fields.text("account_sid").value_or(numbered_sid("AC", 1));
  if (!is_sid(made.account_sid, "AC")) fields.complain(".account_sid must be AC and 32 hex digits");
  made.destination = read_url(fields, "destination");
  if (made.destination.empty()) fields.complain(".destination is missing");
  made.deliver_to = read_url(fields, "deliver_to");
  made.ca_pem = fields.text("ca_pem").value_or("");
  made.auth_token = fields.text("auth_token");
  made.batch = fields.flag("batch_events").value_or(false);
  made.data_as_text = fields.flag("data_as_text").value_or(false);
  made.reversed = fields.flag("reversed").value_or(false);
  made.duplicates = fields.count("duplicates", 0, 100).value_or(0);
  made.connections = fields.count("connections", 1, 64).value_or(1);
  made.delay = ms_of(fields.number("delay_s", 0, longest_delay).value_or(0));
  made.jitter = ms_of(fields.number("jitter_s", 0, longest_delay).value_or(0));
  made.how = read_signing(fields).value_or(signing::right);
  return made;
}

std::vector<std::string> read_types(json_fields& fields) {
  const auto* types = fields.get("types");
  std::vector<std::string> read;
  if (types == nullptr) {
    read.assign(std::begin(summary_types), std::end(summary_types));
  } else if (types->is_array()) {
    for (const auto& type : types->get_array())
      if (type.is_string()) read.emplace_back(std::string_view{type.get_string()});
  }
  if (read.empty()) fields.complain(".types must be a list of event types");
  return read;
}

struct event_order {  // an event as the control port describes it
  std::string type, call_sid, id;
  std::optional<sim_time> time, end_time;
  std::optional<std::string> account_sid;
  std::optional<json::value> data;
};

std::optional<sim_time> read_time(json_fields& fields, std::string_view key) {
  const auto text = fields.text(key);
  if (!text) return {};
  const auto time = parse_rfc3339(*text);
  if (!time) fields.complain("." + std::string{key} + " must be a time like 2026-01-31T12:00:00Z");
  return time;
}

std::optional<std::string> read_event(const json::value& value, event_order& out) {
  json_fields fields{value, "event"};
  out.type = fields.text("type").value_or("");
  if (out.type.empty()) fields.complain(".type is missing");
  out.call_sid = fields.text("call_sid").value_or("");
  out.id = fields.text("id").value_or("");
  out.time = read_time(fields, "time");
  out.end_time = read_time(fields, "end_time");
  out.account_sid = fields.text("account_sid");
  if (const auto* data = fields.get("data")) out.data = *data;
  return fields.problem();
}

json::object event_of(std::uint64_t seed, const event_order& order, call_facts call, sim_time now, std::string_view account_sid) {
  json::object event;
  if (order.type == test_event) {
    event = sink_test_event(seed, account_sid, now);
  } else {
    if (order.end_time) call.ended_at = *order.end_time;
    if (order.account_sid) call.account_sid = *order.account_sid;
    event = summary_event(seed, call, {order.type, order.type == complete_event ? partial_versions : 0, order.time.value_or(now)});
  }
  if (!order.id.empty()) event["id"] = order.id;
  if (order.data) event["data"] = *order.data;
  return event;
}

void read_headers(json_fields& fields, delivery_order& out) {
  const auto* headers = fields.get("headers");
  if (headers == nullptr) return;
  if (!headers->is_object()) return fields.complain(".headers must be an object");
  for (const auto& header : headers->get_object()) {
    if (!header.value().is_string()) return fields.complain(".headers must have string values");
    out.headers.emplace_back(std::string_view{header.key()}, std::string_view{header.value().get_string()});
  }
}

}  // namespace

control_outcome twilio::put_sink(const json::value& description) {
  json_fields fields{description, "sink"};
  sink made = read_sink(fields);
  if (auto problem = fields.problem()) return refused(std::move(*problem));
  const std::lock_guard lock{mutex_};
  if (!made.auth_token && accounts_.secret_of(made.account_sid).empty()) return refused("sink needs an auth_token: its account has none");
  return made_with(add_sink(std::move(made)));
}

std::string twilio::add_sink(sink made) {
  if (made.sid.empty()) made.sid = numbered_sid("DG", static_cast<unsigned>(++sinks_made_));
  const std::string sid = made.sid;
  webhooks_.put(std::move(made));
  webhooks_changed_();
  return sid;
}

std::string twilio::add_subscription(std::string_view sink_sid, const std::vector<std::string>& types) {
  webhooks_.subscribe(sink_sid, types);
  return numbered_sid("DF", static_cast<unsigned>(++subscriptions_made_));
}

control_outcome twilio::subscribe(const json::value& subscription) {
  json_fields fields{subscription, "subscription"};
  const std::string sink_sid = fields.text("sink_sid").value_or("");
  const auto types = read_types(fields);
  if (auto problem = fields.problem()) return refused(std::move(*problem));
  const std::lock_guard lock{mutex_};
  if (webhooks_.find(sink_sid) == nullptr) return refused("subscription.sink_sid names no sink");
  return made_with(add_subscription(sink_sid, types));
}

control_outcome twilio::send_events(const json::value& order, real_time real_now) {
  json_fields fields{order, "events"};
  const std::string sink_sid = fields.text("sink_sid").value_or("");
  const auto how = read_signing(fields);
  const auto body = fields.text("body");
  const std::size_t times = fields.count("times", 1, 100'000).value_or(1);
  const bool retry = fields.flag("retry").value_or(true);
  delivery_order plain;
  read_headers(fields, plain);
  std::vector<event_order> wanted;
  if (const auto* events = fields.get("events")) {
    if (!events->is_array()) fields.complain(".events must be a list");
    for (const auto& event : events->is_array() ? events->get_array() : json::array{})
      if (const auto problem = read_event(event, wanted.emplace_back())) fields.complain(": " + *problem);
  } else if (!body) {
    fields.complain(" needs events or body");
  }
  if (auto problem = fields.problem()) return refused(std::move(*problem));

  const std::lock_guard lock{mutex_};
  const sink* to = webhooks_.find(sink_sid);
  if (to == nullptr) return refused("events.sink_sid names no sink");
  const sim_time now = clock_.now(real_now);
  std::vector<json::object> events;
  for (const event_order& each : wanted) events.push_back(event_of(seed_, each, calls_.find(each.call_sid), now, to->account_sid));
  delivery_order made = delivery_of(*to, events);
  if (body) made.body = *body;
  if (how) made.how = *how;
  made.headers = std::move(plain.headers);
  made.retry = retry;
  webhooks_.send(sink_sid, made, times);
  webhooks_changed_();
  return {};
}

void twilio::remove_sinks() {
  const std::lock_guard lock{mutex_};
  webhooks_.clear();
  schedule_.clear();
}

json::value twilio::deliveries() {
  const std::lock_guard lock{mutex_};
  return webhooks_.log().list();
}

void twilio::forget_deliveries() {
  const std::lock_guard lock{mutex_};
  webhooks_.log().clear();
}

due_webhooks twilio::take_webhooks(real_time real_now) {
  const std::lock_guard lock{mutex_};
  const sim_time now = clock_.now(real_now);
  for (const due_event& event : schedule_.take(now)) webhooks_.add(event, now);
  due_webhooks due;
  due.now = webhooks_.take(now, [this](const std::string& account_sid) { return accounts_.secret_of(account_sid); });
  std::optional<sim_time> next = schedule_.next();
  if (const auto later = webhooks_.next(); later && (!next || *later < *next)) next = later;
  if (next) due.next = clock_.real_time_of(*next, real_now);
  return due;
}

void twilio::webhook_answered(std::uint64_t id, unsigned status, std::string_view error, real_time real_now) {
  const std::lock_guard lock{mutex_};
  webhooks_.answered(id, status, error, clock_.now(real_now));
}

}  // namespace simulator
