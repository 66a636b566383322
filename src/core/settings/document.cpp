#include "core/settings/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "core/base/text.hpp"

namespace gateway {
namespace {

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

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

  static document_node show(const YAML::Node& node) { return document_node{std::make_shared<const hidden>(hidden{node})}; }
};

document_node::kind document_node::is() const {
  if (!node_) return kind::nothing;
  if (node_->yaml.IsMap()) return kind::map;
  if (node_->yaml.IsSequence()) return kind::list;
  return node_->yaml.IsScalar() ? kind::scalar : kind::nothing;
}

int document_node::line() const { return node_ ? line_of(node_->yaml.Mark()) : 0; }

const std::string& document_node::text() const {
  static const std::string none;
  return is() == kind::scalar ? node_->yaml.Scalar() : none;
}

std::vector<document_node> document_node::items() const {
  std::vector<document_node> all;
  if (is() != kind::list) return all;
  for (auto const& item : node_->yaml) all.push_back(hidden::show(item));
  return all;
}

std::vector<document_node::member> document_node::members() const {
  std::vector<member> all;
  if (is() != kind::map) return all;
  for (auto const& pair : node_->yaml) all.push_back({hidden::show(pair.first), hidden::show(pair.second)});
  return all;
}

std::optional<document_node> read_document(std::string_view yaml, std::vector<problem>& problems) {
  try {
    if (auto const second = second_document(yaml)) problems.push_back({*second, "", "there must be one YAML document only"});
    return document_node::hidden::show(YAML::Load(std::string{yaml}));
  } catch (const YAML::Exception& error) {
    std::string text = "is not YAML: ";
    append_json_escaped(text, error.msg);  // it may repeat a byte of the file
    problems.push_back({line_of(error.mark), "", std::move(text)});
    return std::nullopt;
  }
}

}  // namespace gateway
