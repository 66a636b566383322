#include "core/telemetry/log_line.hpp"

#include <algorithm>

namespace gateway {
namespace {

using std::chrono::milliseconds;

// 230 ms, 7.4 s, 45 s
void append_time(std::string& out, std::chrono::nanoseconds span) {
  auto const ms = std::chrono::duration_cast<milliseconds>(span).count();
  if (ms < 1000) {
    append_number(out, ms);
    out += " ms";
  } else {
    append_number(out, ms / 1000);
    if (ms < 10'000) append_number(out += '.', ms % 1000 / 100);
    out += " s";
  }
}

// False if the entry has no such field.
bool append_value(std::string& out, std::string_view name, const logbook_fields& fields) {
  auto const found = std::ranges::find(fields, name, &logbook_field::name);
  if (found == fields.end()) return false;
  if (auto const* const text = std::get_if<std::string>(&found->value)) {
    out += *text;
  } else if (auto const* const number = std::get_if<std::uint64_t>(&found->value)) {
    append_number(out, *number);
  } else {
    append_time(out, std::get<std::chrono::nanoseconds>(found->value));
  }
  return true;
}

// Appends the pattern with the values of its fields; false if one is missing.
bool fill_in(std::string& out, std::string_view pattern, const logbook_fields& fields) {
  bool whole = true;
  while (!pattern.empty()) {
    auto const plain = pattern.substr(0, pattern.find_first_of("{["));
    out += plain;
    pattern.remove_prefix(plain.size());
    if (pattern.empty()) break;
    bool const is_optional = pattern.front() == '[';
    auto const end = pattern.find(is_optional ? ']' : '}');
    auto const inner = pattern.substr(1, end - 1);
    if (is_optional) {
      std::string part;
      if (fill_in(part, inner, fields)) out += part;
    } else {
      whole = append_value(out, inner, fields) && whole;
    }
    pattern.remove_prefix(end + 1);
  }
  return whole;
}

void begin_members(json_object& to, log_level level, wall_time at) {
  to.text("time", rfc3339_of(at));
  to.text("level", name_of(level));
}

std::string text_line(log_level level, wall_time at, std::string_view message) {
  return rfc3339_of(at).append(" ").append(name_of(level)).append(" ").append(message).append("\n");
}

}  // namespace

std::string message_of(const logbook_entry& one) {
  std::string text;
  fill_in(text, row_of(one.kind).sentence, one.fields);
  fill_in(text, "[ ({left_out_before} more of this kind came before)]", one.fields);
  return text;
}

void append_members(json_object& to, const logbook_entry& one) {
  begin_members(to, row_of(one.kind).level, one.at);
  to.text("event", name_of(one.kind));
  to.text("message", one.message);
  for (auto const& each : one.fields) {
    if (auto const* const text = std::get_if<std::string>(&each.value)) {
      to.text(each.name, *text);
    } else if (auto const* const number = std::get_if<std::uint64_t>(&each.value)) {
      to.number(each.name, *number);
    } else {
      to.number(each.name, std::chrono::duration_cast<milliseconds>(std::get<std::chrono::nanoseconds>(each.value)).count());
    }
  }
}

std::string log_line_of(log_format format, const logbook_entry& one) {
  if (format == log_format::text) return text_line(row_of(one.kind).level, one.at, one.message);
  std::string line;
  {
    json_object object{line};
    append_members(object, one);
  }
  return line += '\n';
}

std::string log_line_of(log_format format, log_level level, wall_time at, std::string_view message) {
  if (format == log_format::text) return text_line(level, at, message);
  std::string line;
  {
    json_object object{line};
    begin_members(object, level, at);
    object.text("message", message);
  }
  return line += '\n';
}

}  // namespace gateway
