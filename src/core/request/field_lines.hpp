// The lines of one list field in a head, as views: a field may be sent on several lines, which together form one list (RFC 9110 §5.3).
// Four lines are stored; further lines are ignored.
// Thread rule: values; the views live as long as the buffer that was read.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

class field_lines {
public:
  field_lines() = default;
  field_lines(std::string_view one) { add(one); }  // NOLINT(google-explicit-constructor): a list of one line is a list

  void add(std::string_view line) {
    if (count_ < lines_.size()) lines_[count_++] = line;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] const std::string_view* begin() const { return lines_.data(); }
  [[nodiscard]] const std::string_view* end() const { return lines_.data() + count_; }

  // Calls see(element) for each non-empty, trimmed element of the list.
  template <std::invocable<std::string_view> F>
  void for_each(F&& see) const {
    for (auto const line : *this) for_each_element(line, see);
  }

private:
  std::array<std::string_view, 4> lines_{};
  std::size_t count_ = 0;
};

// Calls see(name, value) for each field line of a parsed head, until it returns false. `fields`: request_head::fields.
template <std::predicate<std::string_view, std::string_view> F>
void for_each_field(std::string_view fields, F&& see) {
  constexpr std::string_view crlf = "\r\n";
  while (!fields.empty()) {
    auto const end = std::min(fields.find(crlf), fields.size());
    auto const field = fields.substr(0, end);
    fields.remove_prefix(std::min(fields.size(), end + crlf.size()));
    auto const colon = std::min(field.find(':'), field.size());
    auto const value = field.substr(std::min(field.size(), colon + 1));
    if (!see(field.substr(0, colon), trim_ows(value))) return;
  }
}

}  // namespace gateway
