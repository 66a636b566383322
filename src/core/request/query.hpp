// The parameters of a query. Nothing is decoded, so a name or value with an escape in it matches no known one, unless decodes_to()
// or decoded() is asked. Thread rule: pure functions; only decoded() allocates. Source of the escapes: RFC 3986 §2.1.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace gateway {

// Whether `text` is `plain` once its percent escapes are decoded. A `+` stays a `+`.
bool decodes_to(std::string_view text, std::string_view plain);
std::string decoded(std::string_view text);
// Whether an escape in `text` stands for a control character.
bool encodes_control(std::string_view text);

// Calls see(name, value) for each parameter; a parameter without "=" has an empty value.
template <std::invocable<std::string_view, std::string_view> F>
void for_each_parameter(std::string_view query, F&& see) {
  while (!query.empty()) {
    auto const end = query.find('&');
    auto const pair = query.substr(0, end);
    auto const equals = pair.find('=');
    see(pair.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
  }
}

}  // namespace gateway
