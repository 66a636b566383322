// The elements of a Cache-Control field: `name`, `name=token`, `name="quoted string"`, separated by commas (RFC 9111 §5.2).
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

// The position of the first comma outside a quoted string, or npos. A backslash quotes the next byte (RFC 9110 §5.6.4).
std::size_t find_unquoted_comma(std::string_view text);

// Calls see(name, argument) for each directive that has a name. A quoted argument comes without its quotes; escapes inside are not decoded.
template <std::invocable<std::string_view, std::string_view> F>
void for_each_directive(std::string_view list, F&& see) {
  while (!list.empty()) {
    auto const comma = find_unquoted_comma(list);
    auto const element = trim_ows(list.substr(0, comma));
    auto const equals = element.find('=');
    auto argument = equals == std::string_view::npos ? std::string_view{} : trim_ows(element.substr(equals + 1));
    if (argument.size() >= 2 && argument.front() == '"' && argument.back() == '"') argument = argument.substr(1, argument.size() - 2);
    if (auto const name = trim_ows(element.substr(0, equals)); !name.empty()) see(name, argument);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// RFC 9111 §1.2.2: a value too large to represent counts as 2^31. Nothing if the text is not a number.
std::optional<std::chrono::seconds> parse_delta_seconds(std::string_view text);

}  // namespace gateway
