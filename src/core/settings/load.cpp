#include "core/settings/load.hpp"

#include <algorithm>

#include "core/settings/document.hpp"
#include "core/settings/reader.hpp"
#include "core/settings/settings_table.hpp"
#include "core/settings/upstreams.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

void read(const document_node& root, const std::vector<set_value>& set, loaded& result) {
  using kind = document_node::kind;
  if (root.is() != kind::map && root.is() != kind::nothing) {
    result.problems.push_back({root.line(), "", "must be a map of settings such as 'workers: auto'"});
    return;
  }
  settings_reader reader{root, set, result.problems};
  visit_settings(reader, result.values);
  reader.report_unused();
  result.lines = reader.lines();
  complete_upstreams(result.values, result.lines);
  // The operator who sets a short time for requests need not know of held readers.
  auto& max_hold = result.values.polling.max_hold;
  if (!result.lines.contains("polling.max_hold")) max_hold = std::min(max_hold, longest_hold(result.values));
  validate(result.values, result.lines, result.problems);
  reader.drop_consequences();
}

}  // namespace

loaded load_settings(std::string_view yaml, const std::vector<set_value>& set) {
  loaded result;
  if (auto const root = read_document(yaml, result.problems)) read(*root, set, result);
  std::ranges::stable_sort(result.problems, {}, &problem::line);
  return result;
}

}  // namespace gateway
