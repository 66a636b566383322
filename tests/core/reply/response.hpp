// Parses a response strictly, so that tests detect every malformed one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"

namespace gateway {

struct response {
  bool well_formed = false;
  std::string status_line;
  std::vector<std::pair<std::string, std::string>> fields;  // in order
  std::string body;

  // The only field of that name; otherwise "(none)" or "(several)".
  [[nodiscard]] std::string field(std::string_view name) const {
    std::string found = "(none)";
    for (auto const& [key, value] : fields) {
      if (iequals(key, name)) found = found == "(none)" ? value : "(several)";
    }
    return found;
  }
  [[nodiscard]] bool has(std::string_view name) const { return field(name) != "(none)"; }
};

inline response take_apart(std::string_view bytes) {
  response r;
  auto const end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return r;
  r.body = bytes.substr(end + 4);
  auto head = bytes.substr(0, end + 2);
  auto const take_line = [&] {
    auto const line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    return line;
  };
  r.status_line = take_line();
  r.well_formed = r.status_line.starts_with("HTTP/1.1 ") && is_field_value(r.status_line);
  while (!head.empty()) {
    auto const line = take_line();
    auto const colon = line.find(": ");
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || !is_field_value(line.substr(colon + 2))) {
      r.well_formed = false;
      return r;
    }
    r.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return r;
}

}  // namespace gateway
