#include "core/settings/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/base/text.hpp"

namespace gateway {
namespace {

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

// A map that merges more maps than this keeps its "<<", which is then no known key.
constexpr std::size_t most_merged = 64;

// The first line with a value that is indented with a tab, where YAML wants blanks; 0: none.
int line_with_tab(std::string_view yaml) {
  int line = 1;
  while (!yaml.empty()) {
    auto const indent = yaml.substr(0, std::min(yaml.find_first_not_of(" \t"), yaml.size()));
    bool const has_value = indent.size() < yaml.size() && std::string_view{"#\r\n"}.find(yaml[indent.size()]) == std::string_view::npos;
    if (has_value && indent.find('\t') != std::string_view::npos) return line;
    yaml.remove_prefix(std::min(yaml.find('\n'), yaml.size() - 1) + 1);
    ++line;
  }
  return 0;
}

// Notes where documents start and ignores their content.
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

// The line of a second document, if there is one. Not YAML::LoadAll: for "," it returns empty documents without end.
std::optional<int> second_document(std::string_view yaml) {
  std::istringstream text{std::string{yaml}};
  YAML::Parser parser{text};
  document_starts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) return std::nullopt;
  return starts.lines.back();
}

}  // namespace

struct document_node::hidden {
  YAML::Node yaml;
  int said_line = 0;  // 0: as the parser says

  static document_node show(const YAML::Node& node, int line) { return document_node{std::make_shared<const hidden>(hidden{node, line})}; }
  // A node within this one.
  [[nodiscard]] document_node inner(const YAML::Node& node) const { return show(node, said_line); }
};

document_node::kind document_node::is() const {
  if (!node_) return kind::nothing;
  if (node_->yaml.IsMap()) return kind::map;
  if (node_->yaml.IsSequence()) return kind::list;
  return node_->yaml.IsScalar() ? kind::scalar : kind::nothing;
}

int document_node::line() const {
  if (!node_) return 0;
  return node_->said_line != 0 ? node_->said_line : line_of(node_->yaml.Mark());
}

const std::string& document_node::text() const {
  static const std::string none;
  return is() == kind::scalar ? node_->yaml.Scalar() : none;
}

std::vector<document_node> document_node::items() const {
  std::vector<document_node> all;
  if (is() != kind::list) return all;
  for (auto const& item : node_->yaml) all.push_back(node_->inner(item));
  return all;
}

std::vector<document_node::member> document_node::members() const {
  std::vector<member> all;
  if (is() != kind::map) return all;
  for (auto const& pair : node_->yaml) all.push_back({node_->inner(pair.first), node_->inner(pair.second)});
  merge(all);
  return all;
}

// The merge key of YAML 1.1: a map's own keys come first, then those of each map that "<<" names, if the key is new. A map counts once,
// so maps that merge each other come to an end.
void document_node::merge(std::vector<member>& all) {
  auto const is_merge_key = [](const member& one) { return one.key.is() == kind::scalar && one.key.text() == "<<"; };
  std::vector<document_node> merged;
  std::set<std::string> keys;
  for (auto const& one : all) keys.insert(one.key.text());
  keys.erase("<<");
  for (;;) {
    auto const next = std::ranges::find_if(all, is_merge_key);
    if (next == all.end()) return;
    auto const value = next->value;
    auto const sources = value.is() == kind::list ? value.items() : std::vector{value};
    auto const is_map = [](const document_node& one) { return one.is() == kind::map; };
    if (sources.empty() || !std::ranges::all_of(sources, is_map) || merged.size() + sources.size() > most_merged) return;
    all.erase(next);
    for (auto const& source : sources) {
      auto const is_known = [&](const document_node& one) { return one.node_->yaml.is(source.node_->yaml); };
      if (std::ranges::any_of(merged, is_known)) continue;
      merged.push_back(source);
      for (auto const& pair : source.node_->yaml) {
        member const one{source.node_->inner(pair.first), source.node_->inner(pair.second)};
        if (is_merge_key(one) || keys.insert(one.key.text()).second) all.push_back(one);
      }
    }
  }
}

std::optional<document_node> read_document(std::string_view yaml, std::vector<problem>& problems, int line) {
  try {
    if (auto const second = second_document(yaml)) problems.push_back({*second, "", "there must be one YAML document only"});
    return document_node::hidden::show(YAML::Load(std::string{yaml}), line);
  } catch (const YAML::Exception& error) {
    if (auto const tabbed = line_with_tab(yaml); tabbed != 0) {
      problems.push_back({tabbed, "", "is indented with a tab; YAML takes only blanks there"});
      return std::nullopt;
    }
    std::string text = "is not YAML: ";
    append_json_escaped(text, error.msg);  // it may repeat a byte of the file
    problems.push_back({line_of(error.mark), "", std::move(text)});
    return std::nullopt;
  }
}

}  // namespace gateway
