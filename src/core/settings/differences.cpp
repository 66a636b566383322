#include "core/settings/differences.hpp"

#include <string_view>
#include <utility>

#include "core/settings/load.hpp"

namespace gateway {
namespace {

struct setting {
  std::string key;
  std::string value;  // including the lines of a list
};

// Splits the text that print_settings wrote. A key starts in the first column or after two spaces; deeper lines and rows belong to its
// value.
std::vector<setting> taken_apart(std::string_view text) {
  std::vector<setting> all;
  std::string section;
  while (!text.empty()) {
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto const indent = std::min(line.find_first_not_of(' '), line.size());
    auto const body = line.substr(indent);
    if (indent > 2 || body.starts_with('-')) {
      if (!all.empty()) all.back().value.append(line);
      continue;
    }
    auto const colon = body.find(':');
    std::string key{indent == 0 ? "" : section};
    if (indent > 0) key += '.';
    key += body.substr(0, colon);
    if (indent == 0) section = key;
    all.push_back({std::move(key), std::string{body.substr(std::min(colon, body.size()))}});
  }
  return all;
}

}  // namespace

std::vector<std::string> differing_keys(const settings& a, const settings& b) {
  auto const ours = taken_apart(print_settings(a, false)), theirs = taken_apart(print_settings(b, false));
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < ours.size() && i < theirs.size(); ++i) {  // both list every setting, in the same order
    if (ours[i].value != theirs[i].value) keys.push_back(ours[i].key);
  }
  return keys;
}

}  // namespace gateway
