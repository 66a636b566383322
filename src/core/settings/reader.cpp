#include "core/settings/reader.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/settings/hints.hpp"
#include "core/settings/settings_sections.hpp"
#include "core/settings/units.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

std::string one_of(const std::vector<std::string_view>& names) {
  std::string text;
  for (auto const name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string hint(std::string_view wrong, const std::vector<std::string_view>& known) { return did_you_mean(nearest(wrong, known)); }

constexpr std::string_view variables_stay = "holds a variable, and variables are not substituted; write its value, or let a tool do so";

}  // namespace

settings_reader::settings_reader(const document_node& root, const std::vector<set_value>& set, std::vector<problem>& problems)
    : problems_(problems) {
  for (auto const& [key, value] : set) {
    std::vector<problem> wrong;
    auto node = read_document(value, wrong, line_of_set);
    if (!wrong.empty()) {
      report_at(line_of_set, key, wrong.front().text);
    } else {
      set_.insert_or_assign(key, set_node{*node});
    }
  }
  enter(root, "");
}

void settings_reader::count(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
  with_scalar(key, [&](const document_node& node, std::string_view text) {
    auto const number = parse_decimal(text);
    if (!number || *number < low || *number > high) {
      return report(node, key,
                    "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", not " + in_quotes(text));
    }
    value = *number;
  });
}

void settings_reader::count_or_auto(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high,
                                    std::string_view prose) {
  if (!take_auto(key, value)) count(key, value, low, high, prose);
}

void settings_reader::bytes_or_auto(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high,
                                    std::string_view prose) {
  if (!take_auto(key, value)) bytes(key, value, low, high, prose);
}

std::optional<gateway::span> settings_reader::read_span(const document_node& node, std::string_view key, gateway::span low,
                                                        gateway::span high) {
  std::string_view const text{node.text()};
  auto const parsed = parse_duration(text);
  if (parsed && *parsed >= low && *parsed <= high) return parsed;
  report(node, key,
         parsed ? "must be from " + duration_text(low) + " to " + duration_text(high) + ", not " + in_quotes(text)
                : "must be a duration with a unit such as 250ms, 8s, 5m or 1h, not " + in_quotes(text) +
                      did_you_mean(probable_duration(text)));
  return std::nullopt;
}

std::optional<std::uint64_t> settings_reader::read_size(const document_node& node, std::string_view key, std::uint64_t low,
                                                        std::uint64_t high) {
  std::string_view const text{node.text()};
  auto const parsed = parse_size(text);
  if (parsed && *parsed >= low && *parsed <= high) return parsed;
  report(node, key,
         parsed ? "must be from " + size_text(low) + " to " + size_text(high) + ", not " + in_quotes(text)
                : "must be a size with a unit such as 512B, 16KiB or 256MiB, not " + in_quotes(text) + did_you_mean(probable_size(text)));
  return std::nullopt;
}

void settings_reader::span(std::string_view key, gateway::span& value, gateway::span low, gateway::span high, std::string_view) {
  with_scalar(key, [&](const document_node& node, std::string_view) { value = read_span(node, key, low, high).value_or(value); });
}

void settings_reader::bytes(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
  with_scalar(key, [&](const document_node& node, std::string_view) { value = read_size(node, key, low, high).value_or(value); });
}

void settings_reader::spans(std::string_view key, std::vector<gateway::span>& value, gateway::span low, gateway::span high,
                            std::string_view) {
  with_scalars(key, value, "[30m, 4h]", [&](const document_node& item) { return read_span(item, key, low, high); });
}

void settings_reader::sizes(std::string_view key, std::vector<std::uint64_t>& value, std::uint64_t low, std::uint64_t high,
                            std::string_view) {
  with_scalars(key, value, "[128MiB, 1GiB]", [&](const document_node& item) { return read_size(item, key, low, high); });
}

void settings_reader::text(std::string_view key, std::string& value, std::string_view) {
  with_scalar(key, [&](const document_node&, std::string_view text) { value = text; });
}

void settings_reader::texts(std::string_view key, std::vector<std::string>& value, std::string_view) {
  with_scalars(key, value, "[a, b]", [](const document_node& item) { return std::optional{item.text()}; });
}

void settings_reader::flag(std::string_view key, bool& value, std::string_view) {
  with_scalar(key, [&](const document_node& node, std::string_view text) {
    if (text != "true" && text != "false") {
      return report(node, key, "must be true or false, not " + in_quotes(text) + did_you_mean(probable_flag(text)));
    }
    value = text == "true";
  });
}

std::optional<std::size_t> settings_reader::choose(std::string_view key, const std::vector<std::string_view>& names) {
  std::optional<std::size_t> chosen;
  with_scalar(key, [&](const document_node& node, std::string_view text) {
    auto const found = std::ranges::find(names, text);
    if (found == names.end()) return report(node, key, "must be one of " + one_of(names) + ", not " + in_quotes(text) + hint(text, names));
    chosen = static_cast<std::size_t>(found - names.begin());
  });
  return chosen;
}

std::optional<std::vector<std::size_t>> settings_reader::choose_some(std::string_view key, const std::vector<std::string_view>& names) {
  auto const node = take(key);
  if (!node) return std::nullopt;
  if (node->is() != kind::list) return report(*node, key, "must be a list of " + one_of(names)), std::nullopt;
  std::vector<std::size_t> chosen;
  for (auto const& item : node->items()) {
    auto const found = std::ranges::find(names, item.text());
    if (found == names.end()) {
      report(item, key, "must be a list of " + one_of(names) + ", not " + in_quotes(item.text()) + hint(item.text(), names));
    } else {
      chosen.push_back(static_cast<std::size_t>(found - names.begin()));
    }
  }
  return chosen;
}

void settings_reader::states(std::string_view key, bool (&value)[processing_state_count], std::string_view) {
  auto const node = take(key);
  if (!node) return;
  constexpr std::string_view expected = "must be a list of absent, complete and all";
  if (node->is() != kind::list) return report(*node, key, std::string{expected});
  std::ranges::fill(value, false);
  for (auto const& item : node->items()) {
    auto const& text = item.text();
    // A cached complete summary never answers a request for a partial one, so the state "partial" cannot be chosen.
    auto const state = text == "absent" ? processing_state::absent : parse_processing_state(text).value_or(processing_state::partial);
    if (state == processing_state::partial) {
      report(item, key, std::string{expected} + ", not " + in_quotes(text) + (text == "partial" ? ": a partial always goes upstream" : ""));
    } else {
      value[static_cast<std::size_t>(state)] = true;
    }
  }
}

void settings_reader::listeners(std::string_view key, std::vector<listener_settings>& value, std::string_view) {
  auto const node = take(key);
  if (!node) return;
  auto const items = node->items();
  if (items.empty()) return report(*node, key, "must be a list with at least one '- address: ADDRESS:PORT'");
  value.clear();
  auto outer = std::exchange(level_, {});
  for (auto const& item : items)
    value.push_back(read_listener(item, outer.path + std::string{key} + "[" + std::to_string(value.size()) + "]."));
  level_ = std::move(outer);
}

listener_settings settings_reader::read_listener(const document_node& node, std::string path) {
  listener_settings one;
  level_ = {};
  if (node.is() != kind::map) {
    report_at(node.line(), path.substr(0, path.size() - 1), "must be '- address: ADDRESS:PORT'");
    return one;
  }
  enter(node, std::move(path));
  if (!peek("address")) report_at(node.line(), level_.path + "address", "is missing");
  bool const wants_senders = peek("proxy_protocol").has_value();
  visit_listener(*this, one);
  if (wants_senders && one.proxy_headers_from.empty()) report_missing_senders();
  leave();
  return one;
}

// A section proxy_protocol without any address is a mistake, unless another one has been reported.
void settings_reader::report_missing_senders() {
  auto const section = level_.path + "proxy_protocol";
  if (std::ranges::any_of(problems_, [&](const problem& one) { return one.key.starts_with(section); })) return;
  auto const own = line(section + ".from");
  report_at(own != 0 ? own : line(section), section + ".from", "must name at least one address or range such as [10.0.0.0/8]");
}

void settings_reader::enter(const document_node& map, std::string path) {
  level_.path = std::move(path);
  for (auto const& [name, value] : map.members()) {
    auto const& key = name.text();
    auto const [first, fresh] = lines_.emplace(level_.path + key, name.line());
    if (fresh) {
      level_.left.emplace(key, value);
      if (!key.starts_with("x-")) note_variables(level_.path + key, value);
    } else {
      report_at(name.line(), level_.path + key, "is given twice; the first is on line " + std::to_string(first->second));
    }
  }
}

// The value stays what it is, so that each key is judged; only this problem of it is reported.
void settings_reader::note_variables(const std::string& path, const document_node& value) {
  auto const note = [&](const document_node& node) {
    if (!names_a_variable(node.text())) return;
    with_variables_.insert(path);
    report_at(node.line(), path, std::string{variables_stay});
  };
  note(value);
  for (auto const& item : value.items()) note(item);
}

void settings_reader::drop_consequences() {
  std::erase_if(problems_, [&](const problem& one) { return with_variables_.contains(one.key) && one.text != variables_stay; });
}

// Enters one entry of a list. False and a problem: the entry is no map.
bool settings_reader::enter_row(const document_node& item, const std::string& path) {
  lines_.emplace(path, item.line());
  if (item.is() != kind::map) return report_at(item.line(), path, "must hold settings of its own such as 'name: …'"), false;
  enter(item, path + ".");
  return true;
}

void settings_reader::leave() {
  for (auto const& [key, node] : level_.left) {
    if (key.starts_with("x-")) continue;  // room for what others of the file's maps refer to
    if (key == "<<") {
      report_at(line(level_.path + key), level_.path + key, "must name a map, as in '<<: *name', or a list of maps");
      continue;
    }
    report_at(line(level_.path + key), level_.path + key, "is not a setting" + hint(key, level_.known));
  }
}

std::optional<document_node> settings_reader::set_over(const std::string& path) {
  auto const found = set_.find(path);
  if (found == set_.end()) return std::nullopt;
  auto& one = found->second;
  if (!one.is_used) note_variables(path, one.value);
  one.is_used = true;
  lines_.insert_or_assign(path, line_of_set);
  return one.value;
}

bool settings_reader::sets_within(const std::string& path) const {
  auto const first = set_.lower_bound(path + ".");
  return first != set_.end() && first->first.starts_with(path + ".");
}

std::optional<document_node> settings_reader::peek(std::string_view key) {
  auto const path = level_.path + std::string{key};
  if (auto set = set_over(path)) return set;
  auto const found = level_.left.find(key);
  if (found != level_.left.end()) return found->second;
  return sets_within(path) ? std::optional{document_node{}} : std::nullopt;
}

std::optional<document_node> settings_reader::take(std::string_view key) {
  level_.known.push_back(key);
  if (!set_.empty()) known_keys_.push_back(level_.path + std::string{key});
  auto node = peek(key);
  level_.left.erase(std::string{key});
  return node;
}

void settings_reader::report_unused() {
  for (auto const& [key, one] : set_) {
    if (one.is_used) continue;
    bool const is_in_list = key.find('[') != std::string::npos;
    auto const what = is_in_list ? "is not a setting, or the file has no such entry" : "is not a setting";
    report_at(line_of_set, key, what + hint(key, {known_keys_.begin(), known_keys_.end()}));
  }
}

bool settings_reader::take_auto(std::string_view key, std::uint64_t& value) {
  auto const node = peek(key);
  if (!node || node->text() != "auto") return false;
  take(key);
  value = 0;
  return true;
}

int settings_reader::line(const std::string& key) const {
  auto const found = lines_.find(key);
  return found == lines_.end() ? 0 : found->second;
}

void settings_reader::report(const document_node& node, std::string_view key, std::string text) {
  auto const own = node.line();
  auto const full = level_.path + std::string{key};
  // An empty value has no position of its own: the parser gives it that of the next token.
  report_at(own != 0 && node.is() != kind::nothing ? own : line(full), full, std::move(text));
}

void settings_reader::report_at(int line, std::string_view key, std::string text) {
  std::string printable;
  append_json_escaped(printable, key);  // it may contain terminal control characters
  problems_.push_back({line, std::move(printable), std::move(text)});
}

}  // namespace gateway
