#include "app/admin/erase_order.hpp"

#include "core/base/json_reader.hpp"
#include "core/base/party.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view is_in_url = "Send the number as content, and no parameter: URLs are logged.";
constexpr std::string_view is_coded_content = "Send the number without Content-Encoding.";
constexpr std::string_view is_no_object = "Send the number as text, or as a JSON object whose only member is number, a string.";

std::optional<secret> read_object(std::string_view content, std::string_view& why_not) {
  json_reader reader;
  auto const whole = reader.parse(content);
  why_not = is_no_object;
  if (!whole) return std::nullopt;
  int members = 0;
  std::optional<std::string_view> number;
  whole->each_member([&](std::string_view name, const json_value& value) {
    ++members;
    number = name == "number" ? value.text() : std::nullopt;
  });
  return members == 1 && number ? read_party(*number, why_not) : std::nullopt;
}

}  // namespace

std::optional<secret> read_erase(bool has_query, bool is_coded, std::string_view content, std::string_view& why_not) {
  why_not = has_query ? is_in_url : is_coded_content;
  if (has_query || is_coded) return std::nullopt;
  auto text = content;
  while (!text.empty() && std::string_view{" \t\r\n"}.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  return text.starts_with('{') || text.starts_with('[') || text.starts_with('"') ? read_object(text, why_not) : read_party(text, why_not);
}

}  // namespace gateway
