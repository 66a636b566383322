#include "fault_script.hpp"

#include <algorithm>

#include "accounts.hpp"
#include "dice.hpp"
#include "json_fields.hpp"

namespace simulator {
namespace {

constexpr double most_bytes = 1 << 30;
constexpr double longest_pause = 86400;  // in seconds

std::chrono::microseconds microseconds_of(double seconds) { return std::chrono::microseconds{static_cast<std::int64_t>(seconds * 1e6)}; }

// Bytes are written as a JSON string (their UTF-8) or, when they are no text, as "base64".
std::optional<std::string> bytes_of(json_fields& fields) {
  if (auto text = fields.text("bytes")) return text;
  if (const auto encoded = fields.text("base64")) {
    if (auto bytes = decode_base64(*encoded)) return bytes;
    fields.complain(".base64 cannot be decoded");
  }
  return {};
}

std::optional<fault_action> parse_status(json_fields& fields) {
  const auto status = fields.count("status", 100, 999);
  const auto code = fields.count("code", 0, 99999);
  replace_answer replaced{.status = static_cast<unsigned>(status.value_or(0)), .code = {}, .headers = {}, .body = fields.text("body")};
  if (code) replaced.code = static_cast<int>(*code);
  if (const auto encoded = fields.text("body_base64")) replaced.body = decode_base64(*encoded);
  if (const auto* headers = fields.get("headers")) {
    if (!headers->is_object()) {
      fields.complain(".headers must be an object");
      return {};
    }
    for (const auto& header : headers->get_object()) {
      if (!header.value().is_string())
        fields.complain(".headers must have string values");
      else
        replaced.headers.emplace_back(std::string_view{header.key()}, std::string_view{header.value().get_string()});
    }
  }
  if (!status) return {};
  return replaced;
}

std::optional<fault_action> parse_stall(json_fields& fields) {
  const std::string at = fields.text("at").value_or("before_headers");
  const auto seconds = fields.number("seconds", 0, longest_pause);
  delivery change;
  if (at == "before_headers")
    change.stall.emplace(stall_point::before_headers, 0);
  else if (at == "after_headers")
    change.stall.emplace(stall_point::after_headers, 0);
  else if (at == "body")
    change.stall.emplace(stall_point::body, 0);
  else
    fields.complain(".at must be before_headers, after_headers or body");
  if (!seconds || !change.stall) return {};
  change.stall->second = microseconds_of(*seconds);
  return change;
}

std::optional<fault_action> parse_named(std::string_view action, json_fields& fields) {
  delivery change;
  if (action == "status") return parse_status(fields);
  if (action == "stall") return parse_stall(fields);
  if (action == "wrong_body") return other_call{fields.text("call_sid").value_or("")};
  if (action == "chunked") {
    change.chunked = true;
    return change;
  }
  if (action == "close_after") {
    change.close_after = true;
    return change;
  }
  if (action == "header") {
    auto name = fields.text("name");
    auto value = fields.text("value");
    if (!name || !value) return {};
    return added_header{std::move(*name), std::move(*value)};
  }
  if (action == "latency") {
    const auto ms = fields.number("ms", 0, longest_pause * 1000);
    if (!ms) return {};
    return added_latency{microseconds_of(*ms / 1000)};
  }
  if (action == "raw" || action == "extra_bytes") {
    auto bytes = bytes_of(fields);
    if (!bytes) return {};
    if (action == "raw")
      change.raw = std::move(bytes);
    else
      change.extra_bytes = std::move(*bytes);
    return change;
  }
  if (action == "cut" || action == "reset") {
    const auto after = fields.count("after_bytes", 0, most_bytes);
    if (!after) return {};
    (action == "cut" ? change.cut_after : change.reset_after) = *after;
    return change;
  }
  if (action == "drip") {
    const auto rate = fields.count("bytes_per_second", 1, most_bytes);
    if (!rate) return {};
    change.bytes_per_second = *rate;
    return change;
  }
  if (action == "garbage" || action == "huge") {
    const auto bytes = fields.count("bytes", 1, most_bytes);
    if (!bytes) return {};
    if (action == "huge") return oversized{*bytes};
    return garbage{*bytes};
  }
  fields.complain(": unknown action \"" + std::string{action} + "\"");
  return {};
}

}  // namespace

std::optional<std::string> fault_script::parse_action(const boost::json::value& value, bool nested, std::vector<fault_action>& out) {
  json_fields fields{value, nested ? "fault.also" : "fault"};
  if (!nested)
    for (const char* of_the_rule : {"match", "skip", "times", "also"}) fields.get(of_the_rule);
  const auto action = fields.text("action");
  auto parsed = action ? parse_named(*action, fields) : std::nullopt;
  if (!parsed) fields.complain(action ? ": action \"" + *action + "\" lacks a member" : ".action is missing");
  if (auto problem = fields.problem()) return problem;
  out.push_back(std::move(*parsed));
  return {};
}

std::optional<std::string> fault_script::parse_rule(const boost::json::value& value, rule& out) {
  if (!value.is_object()) return "a fault must be a JSON object";
  const auto& object = value.get_object();
  std::vector<fault_action> actions;
  if (auto problem = parse_action(value, false, actions)) return problem;
  if (const auto* also = object.if_contains("also")) {
    if (!also->is_array()) return "fault.also must be a list of actions";
    for (const auto& more : also->get_array())
      if (auto problem = parse_action(more, true, actions)) return problem;
  }
  out.actions = std::make_shared<const std::vector<fault_action>>(std::move(actions));

  json_fields counts{value, "fault"};
  out.skip = counts.count("skip", 0, 1e9).value_or(0);
  out.times = counts.count("times", 0, 1e9).value_or(1);
  for (const auto& member : object) counts.get(std::string_view{member.key()});
  if (auto problem = counts.problem()) return problem;

  if (const auto* wanted = object.if_contains("match")) {
    json_fields match{*wanted, "fault.match"};
    out.call_sid = match.text("call_sid");
    out.method = match.text("method");
    if (const auto* state = match.get("processing_state")) {
      out.any_state = false;
      if (!state->is_null()) out.processing_state = match.text("processing_state");
    }
    if (auto problem = match.problem()) return problem;
  }
  return {};
}

std::optional<std::string> fault_script::load(const boost::json::value& list) {
  if (!list.is_array()) return "faults must be a JSON list";
  std::vector<rule> rules;
  for (const auto& value : list.get_array())
    if (auto problem = parse_rule(value, rules.emplace_back())) return problem;
  rules_ = std::move(rules);
  return {};
}

fault_actions fault_script::take(std::string_view method, const route& asked) {
  for (rule& each : rules_) {
    if (each.call_sid && *each.call_sid != asked.call_sid) continue;
    if (each.method && *each.method != method) continue;
    if (!each.any_state && each.processing_state != asked.processing_state) continue;
    if (each.times != 0 && each.used == each.times) continue;
    if (each.skip > 0) {
      --each.skip;
      continue;
    }
    ++each.used;
    return each.actions;
  }
  return {};
}

void merge(delivery& into, const delivery& change) {
  if (change.raw) into.raw = change.raw;
  if (change.stall) into.stall = change.stall;
  if (change.cut_after) into.cut_after = change.cut_after;
  if (change.reset_after) into.reset_after = change.reset_after;
  if (change.bytes_per_second != 0) into.bytes_per_second = change.bytes_per_second;
  into.extra_bytes += change.extra_bytes;
  into.chunked |= change.chunked;
  into.close_after |= change.close_after;
}

std::string garbage_bytes(std::size_t count, std::uint64_t seed) {
  dice chance{seed};
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(chance.below(256));
  return bytes;
}

}  // namespace simulator
