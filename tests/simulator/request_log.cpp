#include "request_log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cctype>

namespace simulator {
namespace {

namespace json = boost::json;

json::object headers_of(std::string_view lines) {
  json::object headers;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    const auto colon = line.find(':');
    std::string name{line.substr(0, colon)};
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string_view value = line.substr(colon + 2);
    if (auto* earlier = headers.if_contains(name)) {
      earlier->as_string().append(", ");
      earlier->as_string().append(json::string_view{value.data(), value.size()});
    } else {
      headers[name] = json::string_view{value.data(), value.size()};
    }
  }
  return headers;
}

}  // namespace

std::uint64_t request_log::add(logged_request request) {
  if (entries_.size() == capacity) entries_.pop_front();
  entries_.push_back(std::move(request));
  return next_id_++;
}

void request_log::answered(std::uint64_t id, unsigned status, std::optional<int> code) {
  const std::uint64_t first = next_id_ - entries_.size();
  if (id < first) return;
  logged_request& entry = entries_[id - first];
  entry.status = status;
  entry.code = code;
}

void request_log::clear() {
  entries_.clear();
  cleared_at_ = next_id_;
}

json::value request_log::list(std::optional<std::string_view> call_sid) const {
  json::array rows;
  std::uint64_t number = next_id_ - entries_.size() - cleared_at_;
  for (const logged_request& entry : entries_) {
    ++number;
    if (call_sid && entry.call_sid != *call_sid) continue;
    json::object row;
    row["n"] = number;
    row["connection"] = entry.connection->number;
    row["method"] = entry.method;
    row["target"] = entry.target;
    row["call_sid"] = entry.call_sid;
    row["processing_state"] = entry.processing_state ? json::value(*entry.processing_state) : json::value(nullptr);
    row["user"] = entry.user;
    row["headers"] = headers_of(entry.header_lines);
    row["status"] = entry.status;
    row["code"] = entry.code ? json::value(*entry.code) : json::value(nullptr);
    row["sni"] = entry.connection->sni;
    row["tls_version"] = entry.connection->tls_version;
    row["resumed"] = entry.connection->resumed;
    rows.push_back(std::move(row));
  }
  json::object answer;
  answer["requests"] = std::move(rows);
  return answer;
}

}  // namespace simulator
