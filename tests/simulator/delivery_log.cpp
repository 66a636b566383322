#include "delivery_log.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

void add_text(const json::object& from, json::string_view key, std::vector<std::string>& to) {
  const auto* value = from.if_contains(key);
  if (value != nullptr && value->is_string()) to.emplace_back(std::string_view{value->get_string()});
}

json::array list_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

}  // namespace

void delivery_labels::add(const json::object& event) {
  add_text(event, "type", types);
  add_text(event, "id", ids);
  const auto* data = event.if_contains("data");
  if (data != nullptr && data->is_object()) add_text(data->get_object(), "call_sid", call_sids);
}

std::uint64_t delivery_log::add(logged_delivery attempt) {
  if (entries_.size() == capacity) entries_.pop_front();
  entries_.push_back(std::move(attempt));
  ++attempts_;
  return next_id_++;
}

void delivery_log::answered(std::uint64_t id, unsigned status, std::string_view error) {
  const std::uint64_t first = next_id_ - entries_.size();
  if (id < first) return;
  logged_delivery& entry = entries_[id - first];
  entry.status = status;
  entry.error = error;
  if (status >= 200 && status < 300) ++accepted_;
}

void delivery_log::clear() {
  entries_.clear();
  attempts_ = accepted_ = 0;
}

json::object delivery_log::list() const {
  json::array rows;
  std::uint64_t id = next_id_ - entries_.size();
  for (const logged_delivery& entry : entries_) {
    json::object row;
    row["id"] = id++;
    row["sink_sid"] = entry.sink_sid;
    row["url"] = entry.to.url;
    row["signature"] = entry.to.signature ? json::value(*entry.to.signature) : json::value(nullptr);
    row["types"] = list_of(entry.labels.types);
    row["ids"] = list_of(entry.labels.ids);
    row["call_sids"] = list_of(entry.labels.call_sids);
    row["attempt"] = entry.attempt;
    row["at"] = to_rfc3339_ms(entry.at);
    row["status"] = entry.status;
    row["error"] = entry.error;
    rows.push_back(std::move(row));
  }
  json::object answer;
  answer["deliveries"] = std::move(rows);
  return answer;
}

}  // namespace simulator
