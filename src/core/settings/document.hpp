// A configuration file as a tree of scalars, lists and maps, each with its line. Only this file uses the YAML library.
// A node is read only on demand: an alias may refer to a node that contains it, so the tree may be infinite.
// Thread rule: a tree and all its nodes belong to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/load.hpp"

namespace gateway {

class document_node {
public:
  enum class kind : std::uint8_t { nothing, scalar, list, map };
  struct member;

  document_node() = default;  // nothing

  [[nodiscard]] kind is() const;
  [[nodiscard]] int line() const;                          // from 1; 0: no line is known
  [[nodiscard]] const std::string& text() const;           // "" unless a scalar
  [[nodiscard]] std::vector<document_node> items() const;  // of a list
  [[nodiscard]] std::vector<member> members() const;       // of a map, in the order of the file; then what "<<" adds

private:
  struct hidden;
  explicit document_node(std::shared_ptr<const hidden> node) : node_(std::move(node)) {}
  friend std::optional<document_node> read_document(std::string_view yaml, std::vector<problem>& problems, int line);
  static void merge(std::vector<member>& all);

  std::shared_ptr<const hidden> node_;
};

struct document_node::member {
  document_node key, value;
};

// The root of the document in the text, which must be the only one. nullopt and a problem: the text is not valid YAML.
// `line`: that of all its nodes; 0: each has its own.
std::optional<document_node> read_document(std::string_view yaml, std::vector<problem>& problems, int line = 0);

}  // namespace gateway
