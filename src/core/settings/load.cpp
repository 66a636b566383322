#include "core/settings/load.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

#include "core/base/text.hpp"
#include "core/settings/settings_table.hpp"
#include "core/settings/units.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

int line_of(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }

template <std::size_t N>
std::string one_of(const std::array<std::string_view, N>& names) {
  std::string text;
  for (auto const name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

// Visits the settings table with one YAML map at a time: takes what is there, reports what does not fit or is not known.
class yaml_reader {
public:
  yaml_reader(const YAML::Node& root, std::vector<problem>& problems) : problems_(problems) { enter(root, ""); }
  ~yaml_reader() { leave(); }
  yaml_reader(const yaml_reader&) = delete;
  yaml_reader& operator=(const yaml_reader&) = delete;

  template <class Body>
  void section(std::string_view key, std::string_view, Body&& body) {
    auto const node = take(key);
    if (node && !node->IsNull() && !node->IsMap()) {
      report(*node, key, "must hold settings of its own, each on an indented line");
      return;
    }
    auto outer = std::exchange(level_, {});
    enter(node ? *node : YAML::Node{}, outer.path + std::string{key} + ".");
    body();
    leave();
    level_ = std::move(outer);
  }

  void count(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    with_scalar(key, [&](const YAML::Node& node, std::string_view text) {
      auto const number = parse_decimal(text);
      if (!number || *number < low || *number > high) {
        return report(node, key,
                      "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", not " + quoted(text));
      }
      value = *number;
    });
  }

  void count_or_auto(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    if (auto const node = peek(key); node && node->IsScalar() && node->Scalar() == "auto") {
      take(key);
      value = 0;
      return;
    }
    count(key, value, low, high, prose);
  }

  void span(std::string_view key, gateway::span& value, gateway::span low, gateway::span high, std::string_view) {
    with_scalar(key, [&](const YAML::Node& node, std::string_view text) {
      auto const parsed = parse_duration(text);
      if (!parsed) return report(node, key, "must be a duration with a unit such as 250ms, 8s, 5m or 1h, not " + quoted(text));
      if (*parsed < low || *parsed > high) {
        return report(node, key, "must be from " + duration_text(low) + " to " + duration_text(high) + ", not " + quoted(text));
      }
      value = *parsed;
    });
  }

  void bytes(std::string_view key, std::uint64_t& value, std::uint64_t low, std::uint64_t high, std::string_view) {
    with_scalar(key, [&](const YAML::Node& node, std::string_view text) {
      auto const parsed = parse_size(text);
      if (!parsed) return report(node, key, "must be a size with a unit such as 512B, 16KiB or 256MiB, not " + quoted(text));
      if (*parsed < low || *parsed > high)
        return report(node, key, "must be from " + size_text(low) + " to " + size_text(high) + ", not " + quoted(text));
      value = *parsed;
    });
  }

  void text(std::string_view key, std::string& value, std::string_view) {
    with_scalar(key, [&](const YAML::Node&, std::string_view text) { value = text; });
  }

  void texts(std::string_view key, std::vector<std::string>& value, std::string_view) {
    auto const node = take(key);
    if (!node) return;
    bool const scalars =
        node->IsSequence() && std::all_of(node->begin(), node->end(), [](const YAML::Node& item) { return item.IsScalar(); });
    if (!scalars) return report(*node, key, "must be a list such as [a, b]");
    value.clear();
    for (auto const& item : *node) value.push_back(item.Scalar());
  }

  void flag(std::string_view key, bool& value, std::string_view) {
    with_scalar(key, [&](const YAML::Node& node, std::string_view text) {
      if (text != "true" && text != "false") return report(node, key, "must be true or false, not " + quoted(text));
      value = text == "true";
    });
  }

  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, const std::array<std::string_view, N>& names, std::string_view) {
    with_scalar(key, [&](const YAML::Node& node, std::string_view text) {
      auto const found = std::ranges::find(names, text);
      if (found == names.end())
        return report(node, key, "must be one of " + one_of(names) + ", not " + quoted(text) + hint(text, {names.begin(), names.end()}));
      value = static_cast<Enum>(found - names.begin());
    });
  }

  template <std::size_t N>
  void choices(std::string_view key, std::array<bool, N>& value, const std::array<std::string_view, N>& names, std::string_view) {
    auto const node = take(key);
    if (!node) return;
    if (!node->IsSequence()) return report(*node, key, "must be a list of " + one_of(names));
    value.fill(false);
    for (auto const& item : *node) {
      auto const text = item.IsScalar() ? item.Scalar() : std::string{};
      auto const found = std::ranges::find(names, text);
      if (found == names.end()) {
        report(item, key, "must be a list of " + one_of(names) + ", not " + quoted(text) + hint(text, {names.begin(), names.end()}));
      } else {
        value[static_cast<std::size_t>(found - names.begin())] = true;
      }
    }
  }

  void states(std::string_view key, bool (&value)[processing_state_count], std::string_view) {
    auto const node = take(key);
    if (!node) return;
    constexpr std::string_view expected = "must be a list of absent, complete and all";
    if (!node->IsSequence()) return report(*node, key, std::string{expected});
    std::ranges::fill(value, false);
    for (auto const& item : *node) {
      auto const text = item.IsScalar() ? item.Scalar() : std::string{};
      // A cached complete summary is never an answer to somebody who asked for a partial one.
      auto const state = text == "absent" ? processing_state::absent : parse_processing_state(text).value_or(processing_state::partial);
      if (state == processing_state::partial) {
        report(item, key, std::string{expected} + ", not " + quoted(text) + (text == "partial" ? ": a partial always goes upstream" : ""));
      } else {
        value[static_cast<std::size_t>(state)] = true;
      }
    }
  }

  void listeners(std::string_view key, std::vector<listener_settings>& value, std::string_view) {
    auto const node = take(key);
    if (!node) return;
    if (!node->IsSequence() || node->size() == 0) return report(*node, key, "must be a list with at least one '- address: ADDRESS:PORT'");
    value.clear();
    auto outer = std::exchange(level_, {});
    for (std::size_t i = 0; i < node->size(); ++i)
      value.push_back(read_listener((*node)[i], outer.path + std::string{key} + "[" + std::to_string(i) + "]."));
    level_ = std::move(outer);
  }

  template <class Row, class Visit>
  void list(std::string_view key, std::vector<Row>& rows, std::string_view, Visit&& visit) {
    auto const node = take(key);
    if (!node) return;
    if (!node->IsSequence()) return report(*node, key, "must be a list, each entry on lines of its own that begin with '- '");
    rows.clear();
    auto outer = std::exchange(level_, {});
    for (std::size_t i = 0; i < node->size(); ++i) {
      auto const item = (*node)[i];
      auto const path = outer.path + std::string{key} + "[" + std::to_string(i) + "]";
      lines_.emplace(path, line_of(item));
      if (!item.IsMap()) {
        report_at(line_of(item), path, "must hold settings of its own such as 'name: …'");
        continue;
      }
      enter(item, path + ".");
      visit(*this, rows.emplace_back());
      leave();
      level_ = {};
    }
    level_ = std::move(outer);
  }

  [[nodiscard]] const std::map<std::string, int>& lines() const { return lines_; }
  [[nodiscard]] int line(const std::string& key) const {
    auto const found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second;
  }

private:
  struct level {
    std::string path;                                     // "" or "upstream."
    std::map<std::string, YAML::Node, std::less<>> left;  // not yet taken; a map, since assigning a Node changes what it refers to
    std::vector<std::string_view> known;
  };

  void enter(const YAML::Node& map, std::string path) {
    level_.path = std::move(path);
    if (!map.IsMap()) return;
    for (auto const& pair : map) {
      auto const key = pair.first.IsScalar() ? pair.first.Scalar() : std::string{};
      auto const [first, fresh] = lines_.emplace(level_.path + key, line_of(pair.first));
      if (fresh) {
        level_.left.emplace(key, pair.second);
      } else {
        report_at(line_of(pair.first), level_.path + key, "is given twice; the first is on line " + std::to_string(first->second));
      }
    }
  }

  void leave() {
    for (auto const& [key, node] : level_.left) {
      report_at(line(level_.path + key), level_.path + key, "is not a setting" + hint(key, level_.known));
    }
  }

  listener_settings read_listener(const YAML::Node& node, std::string path) {
    listener_settings one;
    level_ = {};
    if (!node.IsMap()) {
      report_at(line_of(node), path.substr(0, path.size() - 1), "must be '- address: ADDRESS:PORT'");
      return one;
    }
    enter(node, std::move(path));
    text("address", one.address, "");
    if (one.address.empty() && !peek("address")) report_at(line_of(node), level_.path + "address", "is missing");
    text("mode", one.mode, "");
    text("owner", one.owner, "");
    if (peek("tls")) {
      tls_settings tls;
      section("tls", "", [&] {
        text("certificate", tls.certificate, "");
        text("key", tls.key, "");
        text("client_ca", tls.client_ca, "");
        span("ticket_lifetime", tls.ticket_lifetime, std::chrono::seconds{0}, std::chrono::hours{24}, "");
      });
      one.tls = std::move(tls);
    }
    leave();
    return one;
  }

  std::optional<YAML::Node> peek(std::string_view key) const {
    auto const found = level_.left.find(key);
    if (found == level_.left.end()) return std::nullopt;
    return found->second;
  }

  std::optional<YAML::Node> take(std::string_view key) {
    level_.known.push_back(key);
    auto node = peek(key);
    if (node) level_.left.erase(level_.left.find(key));
    return node;
  }

  template <class Use>
  void with_scalar(std::string_view key, Use&& use) {
    auto const node = take(key);
    if (!node) return;
    if (!node->IsScalar()) return report(*node, key, "must have one plain value");
    use(*node, node->Scalar());
  }

  static std::string hint(std::string_view wrong, const std::vector<std::string_view>& known) {
    auto const near = nearest(wrong, known);
    return near.empty() ? std::string{} : "; did you mean '" + std::string{near} + "'?";
  }

  void report(const YAML::Node& node, std::string_view key, std::string text) {
    auto const own = line_of(node);
    auto const full = level_.path + std::string{key};
    // An empty value has no place of its own: the parser marks it where the next thing begins.
    report_at(own != 0 && !node.IsNull() ? own : line(full), full, std::move(text));
  }
  void report_at(int line, std::string_view key, std::string text) {
    std::string printable;
    append_json_escaped(printable, key);  // it may hold what a terminal obeys
    problems_.push_back({line, std::move(printable), std::move(text)});
  }

  std::vector<problem>& problems_;
  std::map<std::string, int> lines_;  // of each key met
  level level_;
};

// Notes where documents start and ignores what is in them.
class document_starts final : public YAML::EventHandler {
public:
  void OnDocumentStart(const YAML::Mark& mark) override { lines.push_back(mark.line + 1); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  std::vector<int> lines;
};

// The line of a second document, if there is one. Not YAML::LoadAll: it reads "," for ever, one empty document after the other.
std::optional<int> second_document(std::string_view yaml) {
  std::istringstream text{std::string{yaml}};
  YAML::Parser parser{text};
  document_starts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) return std::nullopt;
  return starts.lines.back();
}

}  // namespace

loaded load_settings(std::string_view yaml) {
  loaded result;
  try {
    if (auto const second = second_document(yaml)) result.problems.push_back({*second, "", "there must be one YAML document only"});
    auto const root = YAML::Load(std::string{yaml});
    if (root.IsNull() || root.IsMap()) {
      yaml_reader reader{root, result.problems};
      visit_settings(reader, result.values);
      result.lines = reader.lines();
      validate(result.values, result.lines, result.problems);
    } else {
      result.problems.push_back({line_of(root), "", "must be a map of settings such as 'workers: auto'"});
    }
  } catch (const YAML::Exception& error) {
    std::string text = "is not YAML: ";
    append_json_escaped(text, error.msg);  // it may repeat a byte of the file
    result.problems.push_back({error.mark.is_null() ? 0 : error.mark.line + 1, "", std::move(text)});
  }
  std::ranges::stable_sort(result.problems, {}, &problem::line);
  return result;
}

}  // namespace gateway
