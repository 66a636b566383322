#include "core/events/event_batch.hpp"

#include <array>

namespace gateway {
namespace {

event_type type_named(std::string_view text) {
  constexpr std::string_view summary = "com.twilio.voice.insights.call-summary.";
  if (text == "com.twilio.eventstreams.test-event") return event_type::test;
  if (!text.starts_with(summary)) return event_type::other;
  auto const what = text.substr(summary.size());
  if (what == "partial") return event_type::partial;
  if (what == "predicted-complete") return event_type::predicted_complete;
  return what == "complete" ? event_type::complete : event_type::other;
}

std::optional<event_kind> kind_of(event_type type) {
  switch (type) {
    case event_type::partial:
      return event_kind::partial;
    case event_type::predicted_complete:
      return event_kind::predicted_complete;
    case event_type::complete:
      return event_kind::complete;
    case event_type::test:
    case event_type::other:
      break;
  }
  return std::nullopt;
}

// What the members of an event's data say of the call.
struct call_facts {
  std::optional<call_sid> call;
  std::optional<account_sid> account;

  void take(std::string_view key, json_value value) {
    auto const text = value.text().value_or("");
    if (key == "call_sid") call = call_sid::parse(text);
    if (key == "account_sid") account = account_sid::parse(text);
  }
};

}  // namespace

std::string_view name_of(event_type what) {
  static constexpr std::array<std::string_view, event_type_count> names{"partial", "predicted_complete", "complete", "test", "other"};
  return names[static_cast<std::size_t>(what)];
}

std::optional<std::vector<twilio_event>> event_reader::read(std::string_view body) {
  auto const batch = batch_.parse(body);
  if (!batch) return std::nullopt;
  std::vector<twilio_event> all;
  bool const is_array = batch->each_item([&](json_value one) { all.push_back(read_one(one)); });
  return is_array ? std::optional{std::move(all)} : std::nullopt;
}

twilio_event event_reader::read_one(json_value from) {
  twilio_event made;
  std::string_view id, source;
  std::optional<wall_time> time;
  std::optional<json_value> data;
  from.each_member([&](std::string_view key, json_value value) {
    if (key == "type") made.type = type_named(value.text().value_or(""));
    if (key == "id") id = value.text().value_or("");
    if (key == "source") source = value.text().value_or("");
    if (key == "time") time = parse_rfc3339(value.text().value_or(""));
    if (key == "data") data = value;
  });
  made.identity.append(id).append(" ").append(source);
  auto const kind = kind_of(made.type);
  if (!kind || !time || !data) return made;
  call_facts facts;
  auto const take = [&facts](std::string_view key, json_value value) { facts.take(key, value); };
  if (!data->each_member(take)) {
    auto const inner = data_.parse(data->text().value_or(""));  // some sinks wrap it in a string
    if (!inner || !inner->each_member(take)) return made;
  }
  if (facts.call) made.about = call_event{*kind, facts.call->lower(), facts.account, *time};
  return made;
}

void event_reader::forget() {
  batch_.forget();
  data_.forget();
}

}  // namespace gateway
