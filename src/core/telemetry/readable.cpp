#include "core/telemetry/readable.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using member = std::pair<std::string, json_value>;

std::vector<member> members_of(json_value value) {
  std::vector<member> found;
  value.each_member([&](std::string_view name, json_value of) { found.emplace_back(name, of); });
  return found;
}

std::vector<json_value> items_of(json_value value) {
  std::vector<json_value> found;
  value.each_item([&](json_value item) { found.push_back(item); });
  return found;
}

bool is_object(json_value value) {
  return value.each_member([](std::string_view, json_value) {});
}
bool is_list(json_value value) {
  return value.each_item([](json_value) {});
}

// A terminal obeys control characters, and some that are not ASCII change the order of letters.
std::string harmless(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '?');  // defence: ctl-terminal
  return out;
}

// In one line: "1", "text", "a, b", "name=1 other=2"; "-" for what is not there.
std::string in_line(json_value value) {
  if (auto const text = value.text()) return harmless(*text);
  if (value.is_null()) return "-";
  std::string out;
  if (is_list(value)) {
    for (auto const& item : items_of(value)) out.append(out.empty() ? "" : ", ").append(in_line(item));
    return out.empty() ? "none" : out;
  }
  if (!is_object(value)) return value.json();
  for (auto const& [name, of] : members_of(value))
    out.append(out.empty() ? "" : " ").append(harmless(name)).append("=").append(in_line(of));
  return out.empty() ? "none" : out;
}

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out.append(text).append(width - std::min(width, text.size()), ' ');
}

// Rows need not have the same members: each name is a column, in the order in which names first appear.
void append_table(std::string& out, const std::vector<json_value>& rows, std::size_t indent) {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> cells;
  for (auto const& row : rows) {
    auto& line = cells.emplace_back();
    for (auto const& [name, value] : members_of(row)) {
      auto const at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
      if (at == names.size()) names.push_back(name);
      line.resize(std::max(line.size(), at + 1));
      line[at] = in_line(value);
    }
  }
  cells.emplace(cells.begin());
  for (auto const& name : names) cells.front().push_back(harmless(name));
  for (auto& line : cells) line.resize(names.size());
  for (auto const& line : cells) {
    out.append(indent, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::size_t width = 0;
      for (auto const& other : cells) width = std::max(width, other[i].size());
      bool const is_last = i + 1 == line.size();
      append_padded(out, line[i].empty() ? "-" : line[i], is_last ? 0 : width + 2);
    }
    out += '\n';
  }
}

bool is_table(const std::vector<json_value>& items) { return !items.empty() && std::ranges::all_of(items, is_object); }

void append_members(std::string& out, const std::vector<member>& members, std::size_t indent) {
  std::size_t width = 0;
  auto const is_block = [](json_value value) { return is_table(items_of(value)) || !members_of(value).empty(); };
  for (auto const& [name, value] : members) {
    if (!is_block(value)) width = std::max(width, name.size());
  }
  for (auto const& [name, value] : members) {
    out.append(indent, ' ');
    if (!is_block(value)) {
      append_padded(out, harmless(name), width + 2);
      out.append(in_line(value)).append("\n");
      continue;
    }
    out.append(harmless(name)).append("\n");
    if (auto const items = items_of(value); is_table(items)) {
      append_table(out, items, indent + 2);
    } else {
      append_members(out, members_of(value), indent + 2);
    }
  }
}

bool is_zero(json_value value) { return value.whole_number() == 0; }

}  // namespace

std::string readable(std::string_view json) {
  json_reader reader;
  auto const whole = reader.parse(json);
  std::string out;
  if (!whole) return out;
  auto members = members_of(*whole);
  // A list that is all of the answer needs no name.
  if (members.size() == 1 && is_list(members[0].second)) {
    auto const rows = items_of(members[0].second);
    if (is_table(rows)) {
      append_table(out, rows, 0);
    } else {
      out.append("no ").append(harmless(members[0].first)).append("\n");
    }
    return out;
  }
  append_members(out, members, 0);
  return out;
}

std::string readable_status(std::string_view stats) {
  constexpr std::array<std::string_view, 10> shown{"version",   "uptime_s", "state",   "cache",       "upstream",
                                                   "upstreams", "levers",   "polling", "connections", "fleet"};
  json_reader reader;
  auto const whole = reader.parse(stats);
  std::string out;
  if (!whole) return out;
  std::vector<member> members;
  for (auto& [name, value] : members_of(*whole)) {
    if (std::ranges::find(shown, name) != shown.end()) members.emplace_back(name, value);
    if (name != "totals") continue;
    for (auto& [total, counts] : members_of(value)) {
      if (total == "requests") members.emplace_back(total, counts);
    }
  }
  append_members(out, members, 0);
  std::vector<member> happened;
  whole->each_member([&](std::string_view name, json_value totals) {
    if (name != "totals") return;
    for (auto const& [total, counts] : members_of(totals)) {
      if (total != "faults") continue;
      for (auto const& one : members_of(counts)) {
        if (!is_zero(one.second)) happened.push_back(one);
      }
    }
  });
  if (happened.empty()) return out += "faults: none\n";
  append_members(out += "faults\n", happened, 2);
  return out;
}

std::string readable_events(std::string_view events) {
  constexpr std::array<std::string_view, 3> shown{"time", "level", "message"};
  json_reader reader;
  auto const whole = reader.parse(events);
  std::string out;
  if (!whole) return out;
  for (auto const& [name, list] : members_of(*whole)) {
    for (auto const& entry : items_of(list)) {
      for (auto const& [member, value] : members_of(entry)) {
        bool const is_last = member == shown.back();
        if (std::ranges::find(shown, member) != shown.end()) out.append(in_line(value)).append(is_last ? "\n" : " ");
      }
    }
  }
  return out.empty() ? "no events\n" : out;
}

}  // namespace gateway
