// What `ctl doctor` found out by one check, and how it is shown. A finding holds no secret and nothing that another host wrote.
// Thread rule: values, pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

enum class health : std::uint8_t { ok, warn, fail, skipped };
constexpr std::string_view name_of(health is) {
  constexpr std::array<std::string_view, 4> names{"ok", "warn", "fail", "skipped"};
  return names[static_cast<std::size_t>(is)];
}

struct finding {
  std::string check;  // what was looked at, such as "upstream TLS"
  health is = health::ok;
  std::string seen;     // what is so, or wrong
  std::string right{};  // what would be right; "" if it is
};

bool any_failed(const std::vector<finding>& all);
// One line each.
std::string findings_text(const std::vector<finding>& all);
std::string findings_json(const std::vector<finding>& all);

}  // namespace gateway
