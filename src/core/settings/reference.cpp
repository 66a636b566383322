#include "core/settings/reference.hpp"

#include <utility>
#include <vector>

#include "core/settings/settings_table.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

struct setting_row {
  std::string key;
  std::string_view change;  // what a change of it requires: reload or restart
  std::string initial;
  std::string takes;
  std::string_view prose;
};

struct setting_group {
  std::string key;  // "" for top-level settings
  std::string_view prose;
  std::vector<setting_row> rows;
};

// Joins names for a sentence.
template <class Names>
std::string joined(const Names& names, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text.append(i + 1 == names.size() ? last : ", ");
    text.append(names[i]);
  }
  return text;
}

// Visits the settings table and collects what the documents say about each setting.
class collector {
public:
  collector() { groups_.push_back({"", "", {}}); }

  template <class Body>
  void section(std::string_view key, std::string_view prose, Body&& body) {
    auto const outer = current_;
    auto const& within = groups_[outer].key;
    groups_.push_back({within.empty() ? std::string{key} : within + "." + std::string{key}, prose, {}});
    current_ = groups_.size() - 1;
    body();
    current_ = outer;
  }
  template <class Value>
  void count(setting_key key, Value value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    add(key, std::to_string(value), std::to_string(low) + " to " + std::to_string(high), prose);
  }
  void count_or_auto(setting_key key, std::uint64_t, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    add(key, "auto", "auto, or " + std::to_string(low) + " to " + std::to_string(high), prose);
  }
  void span(setting_key key, gateway::span value, gateway::span low, gateway::span high, std::string_view prose) {
    add(key, duration_text(value), duration_text(low) + " to " + duration_text(high), prose);
  }
  void bytes(setting_key key, std::uint64_t value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    add(key, size_text(value), size_text(low) + " to " + size_text(high), prose);
  }
  void bytes_or_auto(setting_key key, std::uint64_t value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    add(key, size_text(value), "auto, or " + size_text(low) + " to " + size_text(high), prose);
  }
  void spans(setting_key key, const std::vector<gateway::span>& value, gateway::span low, gateway::span high, std::string_view prose) {
    add(key, "[" + joined(texts_of(value, duration_text), ", ") + "]", "list of " + duration_text(low) + " to " + duration_text(high),
        prose);
  }
  void sizes(setting_key key, const std::vector<std::uint64_t>& value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    add(key, "[" + joined(texts_of(value, size_text), ", ") + "]", "list of " + size_text(low) + " to " + size_text(high), prose);
  }
  void text(setting_key key, const std::string& value, std::string_view prose) { add(key, value.empty() ? "\"\"" : value, "text", prose); }
  void texts(setting_key key, const std::vector<std::string>& value, std::string_view prose) {
    add(key, "[" + joined(value, ", ") + "]", "list of texts", prose);
  }
  void flag(setting_key key, bool value, std::string_view prose) { add(key, value ? "true" : "false", "true or false", prose); }
  template <class Enum, std::size_t N>
  void choice(setting_key key, Enum value, const std::array<std::string_view, N>& names, std::string_view prose) {
    add(key, std::string{names[static_cast<std::size_t>(value)]}, joined(names, " or "), prose);
  }
  template <std::size_t N>
  void choices(setting_key key, const std::array<bool, N>& value, const std::array<std::string_view, N>& names, std::string_view prose) {
    add(key, "[" + joined(chosen(value, names), ", ") + "]", "list of " + joined(names, ", "), prose);
  }
  void states(setting_key key, const bool (&value)[processing_state_count], std::string_view prose) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < processing_state_count; ++i) {
      auto const state = static_cast<processing_state>(i);
      if (state != processing_state::partial) names.push_back(name_of(state));  // a partial summary is never cached
    }
    add(key, "[" + joined(chosen(value), ", ") + "]", "list of " + joined(names, ", "), prose);
  }
  void listeners(setting_key key, const std::vector<listener_settings>& value, std::string_view prose) {
    collector keys;
    listener_settings blank;
    visit_listener(keys, blank);
    add(key, "[{ address: \"" + value.front().address + "\" }]", "list of { " + keys.names() + " }", prose);
  }
  template <class Body>
  void group(std::string_view key, bool, Body&& body) {
    auto outer = std::exchange(groups_, {});
    groups_.push_back({"", "", {}});
    body();
    auto const within = std::string{key} + ": { " + names() + " }";
    groups_ = std::move(outer);
    groups_[current_].rows.push_back({within, "", "", "", ""});
  }
  template <class Row, class Visit>
  void list(setting_key key, std::vector<Row>&, std::string_view prose, Visit&& visit) {
    collector keys;
    Row blank;
    visit(keys, blank);
    add(key, "[]", "list of { " + keys.names() + " }", prose);
  }
  template <class Row, class Visit>
  void list_like(setting_key key, std::vector<Row>& rows, const Row&, std::string_view prose, Visit&& visit) {
    list(key, rows, prose, visit);
  }

  std::vector<setting_group> take() { return std::move(groups_); }

private:
  // The names of the settings in a row.
  [[nodiscard]] std::string names() const {
    std::vector<std::string_view> all;
    for (auto const& one : groups_.front().rows) all.emplace_back(one.key);
    return joined(all, ", ");
  }
  void add(setting_key key, std::string initial, std::string takes, std::string_view prose) {
    auto& group = groups_[current_];
    auto const dotted = group.key.empty() ? std::string{key.name} : group.key + "." + std::string{key.name};
    group.rows.push_back({dotted, key.is_live ? "reload" : "restart", std::move(initial), std::move(takes), prose});
  }

  std::vector<setting_group> groups_;
  std::size_t current_ = 0;
};

std::vector<setting_group> all_settings() {
  collector found;
  settings defaults;
  visit_settings(found, defaults);
  return found.take();
}

constexpr std::string_view units =
    "Durations carry units (250ms, 8s, 1h30m), and so do sizes (512B, 16KiB, 256MiB). A relative path begins at the folder of the settings "
    "file. An unknown key, a wrong type and a value out of range are problems: summary-gateway --check-config prints each with its line. "
    "A reload (SIGHUP, or POST /api/reload) applies all changes or none; if it is refused, the log has every reason. "
    "One reason is a changed setting that needs a restart.";

// Escapes characters that troff interprets: a backslash, a leading dot or quote, and a bare hyphen.
std::string escaped(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out = "\\&";
  for (char const c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string settings_reference() {
  std::string page =
      "# Settings\nWhat `gateway.yaml` may hold. This page is generated from the table that reads the file "
      "(`src/core/settings/settings_table.hpp`). So are the manual page `gateway.yaml(5)` and `config/gateway.yaml`, which holds every "
      "setting with its default.\n\n";
  page.append(units).append("\n");
  for (auto const& group : all_settings()) {
    if (group.key.find('.') != std::string::npos) {  // the table of the section around it goes on
      page.append("| **").append(group.key).append("** | | | | ").append(group.prose).append(" |\n");
    } else {
      page.append("\n## ").append(group.key.empty() ? "At the top" : group.key).append("\n");
      if (!group.prose.empty()) page.append(group.prose).append("\n\n");
      page += "| setting | default | takes | a change needs | meaning |\n|---|---|---|---|---|\n";
    }
    for (auto const& row : group.rows) {
      page.append("| `").append(row.key).append("` | `").append(row.initial).append("` | ").append(row.takes).append(" | ");
      page.append(row.change).append(" | ").append(row.prose).append(" |\n");
    }
  }
  return page;
}

std::string settings_manual() {
  std::string page =
      ".\\\" Made from src/core/settings/settings_table.hpp: GATEWAY_WRITE_REFERENCE=1 core_tests --gtest_filter='reference.*'\n"
      ".TH GATEWAY.YAML 5 \"\" \"summary\\-gateway\" \"File formats\"\n"
      ".SH NAME\ngateway.yaml \\- settings of summary\\-gateway\n"
      ".SH DESCRIPTION\n"
      "A YAML file, named by the option \\-\\-config of\n.BR summary\\-gateway (1).\nEach setting has a default; a file need only hold "
      "what differs.\n.PP\n";
  page.append(escaped(units)).append("\n.SH SETTINGS\n");
  for (auto const& group : all_settings()) {
    if (!group.key.empty()) page.append(".SS ").append(group.key).append("\n").append(escaped(group.prose)).append("\n");
    for (auto const& row : group.rows) {
      page.append(".TP\n.B ").append(escaped(row.key)).append("\n").append(escaped(row.prose)).append("\n.br\nTakes ");
      page.append(escaped(row.takes)).append("; default ").append(escaped(row.initial));
      page.append("; a change needs a ").append(row.change).append(".\n");
    }
  }
  page +=
      ".SH FILES\n.TP\n.I /etc/summary\\-gateway/gateway.yaml\nthe settings of the service\n"
      ".SH SEE ALSO\n.BR summary\\-gateway (1)\n";
  return page;
}

}  // namespace gateway
