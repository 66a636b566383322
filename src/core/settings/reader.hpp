// Visits the settings table with one map of the configuration at a time: takes known values, and reports those that are wrong or unknown.
// Thread rule: made for one load, used by one thread.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/settings/document.hpp"
#include "core/settings/load.hpp"

namespace gateway {

class settings_reader {
public:
  settings_reader(const document_node& root, const std::vector<set_value>& set, std::vector<problem>& problems);
  ~settings_reader() { leave(); }
  settings_reader(const settings_reader&) = delete;
  settings_reader& operator=(const settings_reader&) = delete;

  // The functions that visit_settings() calls, one for each form of value.
  void count(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view prose);
  void count_or_auto(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view prose);
  void span(std::string_view key, gateway::span& value, gateway::span low, gateway::span high, std::string_view prose);
  void spans(std::string_view key, std::vector<gateway::span>& value, gateway::span low, gateway::span high, std::string_view prose);
  void bytes(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view prose);
  void bytes_or_auto(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view prose);
  void sizes(std::string_view key, std::vector<std::uint64_t>& value, std::uint64_t low, std::uint64_t high, std::string_view prose);
  void text(std::string_view key, std::string& value, std::string_view prose);
  void texts(std::string_view key, std::vector<std::string>& value, std::string_view prose);
  void flag(std::string_view key, bool& value, std::string_view prose);
  void states(std::string_view key, bool (&value)[processing_state_count], std::string_view prose);
  void listeners(std::string_view key, std::vector<listener_settings>& value, std::string_view prose);

  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, const std::array<std::string_view, N>& names, std::string_view) {
    if (auto const chosen = choose(key, {names.begin(), names.end()})) value = static_cast<Enum>(*chosen);
  }

  template <std::size_t N>
  void choices(std::string_view key, std::array<bool, N>& value, const std::array<std::string_view, N>& names, std::string_view) {
    auto const chosen = choose_some(key, {names.begin(), names.end()});
    if (!chosen) return;
    value.fill(false);
    for (auto const one : *chosen) value[one] = true;
  }

  template <class Body>
  void section(std::string_view key, std::string_view, Body&& body) {
    auto const node = take(key);
    if (node && node->is() != kind::nothing && node->is() != kind::map) {
      report(*node, key, "must hold settings of its own, each on an indented line");
      return;
    }
    auto outer = std::exchange(level_, {});
    enter(node.value_or(document_node{}), outer.path + std::string{key} + ".");
    body();
    leave();
    level_ = std::move(outer);
  }

  template <class Body>
  void group(std::string_view key, bool, Body&& body) {
    if (peek(key)) return section(key, "", body);
    level_.known.push_back(key);
  }

  template <class Row, class Visit>
  void list(std::string_view key, std::vector<Row>& rows, std::string_view prose, Visit&& visit) {
    list_like(key, rows, Row{}, prose, visit);
  }
  template <class Row, class Visit>
  void list_like(std::string_view key, std::vector<Row>& rows, const Row& like, std::string_view, Visit&& visit) {
    auto const node = take(key);
    if (!node) return;
    if (node->is() != kind::list) return report(*node, key, "must be a list, each entry on lines of its own that begin with '- '");
    rows.clear();
    auto outer = std::exchange(level_, {});
    auto const items = node->items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!enter_row(items[i], outer.path + std::string{key} + "[" + std::to_string(i) + "]")) continue;
      visit(*this, rows.emplace_back(like));
      leave();
      level_ = {};
    }
    level_ = std::move(outer);
  }

  [[nodiscard]] const std::map<std::string, int>& lines() const { return lines_; }
  // For the end of the visit: what --set names must be a setting.
  void report_unused();
  // Of a value with a variable, only that is a problem. For the end of the judgement.
  void drop_consequences();

private:
  using kind = document_node::kind;
  struct level {
    std::string path;                                        // "" or "upstream."
    std::map<std::string, document_node, std::less<>> left;  // not read yet
    std::vector<std::string_view> known;
  };

  void enter(const document_node& map, std::string path);
  bool enter_row(const document_node& item, const std::string& path);
  void leave();
  void note_variables(const std::string& path, const document_node& value);
  void report_missing_senders();
  listener_settings read_listener(const document_node& node, std::string path);

  [[nodiscard]] std::optional<document_node> peek(std::string_view key);
  // What --set gives for the path, and whether it gives anything within it.
  std::optional<document_node> set_over(const std::string& path);
  [[nodiscard]] bool sets_within(const std::string& path) const;
  std::optional<document_node> take(std::string_view key);
  bool take_auto(std::string_view key, std::uint64_t& value);
  template <class Use>
  void with_scalar(std::string_view key, Use&& use) {
    auto const node = take(key);
    if (!node) return;
    if (node->is() != kind::scalar) return report(*node, key, "must have one plain value");
    use(*node, std::string_view{node->text()});
  }
  // A list of plain values, each read by `read`, which reports what it cannot read.
  template <class Value, class Read>
  void with_scalars(std::string_view key, std::vector<Value>& value, std::string_view example, Read&& read) {
    auto const node = take(key);
    if (!node) return;
    auto const items = node->items();
    bool const scalars = std::ranges::all_of(items, [](const document_node& item) { return item.is() == kind::scalar; });
    if (node->is() != kind::list || !scalars) return report(*node, key, "must be a list such as " + std::string{example});
    value.clear();
    for (auto const& item : items) {
      if (auto const one = read(item)) value.push_back(*one);
    }
  }
  std::optional<gateway::span> read_span(const document_node& node, std::string_view key, gateway::span low, gateway::span high);
  std::optional<std::uint64_t> read_size(const document_node& node, std::string_view key, std::uint64_t low, std::uint64_t high);
  // The name, or the names, that the value selects.
  std::optional<std::size_t> choose(std::string_view key, const std::vector<std::string_view>& names);
  std::optional<std::vector<std::size_t>> choose_some(std::string_view key, const std::vector<std::string_view>& names);

  [[nodiscard]] int line(const std::string& key) const;
  void report(const document_node& node, std::string_view key, std::string text);
  void report_at(int line, std::string_view key, std::string text);

  struct set_node {
    document_node value;
    bool is_used = false;
  };

  std::vector<problem>& problems_;
  std::map<std::string, set_node, std::less<>> set_;  // what stands over the file, by the dotted key
  std::vector<std::string> known_keys_;               // of all settings that were visited, if anything is set
  std::map<std::string, int> lines_;                  // of each key in the file
  std::set<std::string> with_variables_;
  level level_;
};

}  // namespace gateway
