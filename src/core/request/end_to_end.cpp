#include "core/request/end_to_end.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 1> documented{"Twilio-Client-Validation"};

bool is_named_by_connection(std::string_view fields, std::string_view name) {
  bool named = false;
  for_each_field(fields, [&](std::string_view field, std::string_view value) {
    if (iequals(field, "connection")) for_each_element(value, [&](std::string_view option) { named = named || iequals(option, name); });
    return !named;
  });
  return named;
}

}  // namespace

std::string end_to_end_fields(const request_head& head) {
  std::string lines;
  if (!head.has_client_validation) return lines;
  for_each_field(head.fields, [&](std::string_view name, std::string_view value) {
    auto const is_name = [&](std::string_view one) { return iequals(one, name); };
    bool const passes = std::ranges::any_of(documented, is_name) && !is_named_by_connection(head.fields, name);  // defence: hop-by-hop
    if (passes) lines.append(name).append(": ").append(value).append("\r\n");
    return true;
  });
  return lines;
}

}  // namespace gateway
