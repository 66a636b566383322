// What the words on the command line ask for.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/load.hpp"

namespace gateway {

// Where the settings come from. A reload reads the file again; what is set stands over it then, too.
struct settings_source {
  std::string path;  // "-": standard input; "": the defaults
  std::vector<set_value> set{};
};

struct command_line {
  enum class action : std::uint8_t { serve, take_over, check, print, version, help, hash_token, probe, ctl };

  action what = action::serve;
  settings_source settings{};
  std::string url{};                          // of probe
  std::vector<std::string_view> ctl_words{};  // of ctl
};

// Nothing: `why_not` says what is wrong.
std::optional<command_line> parse_command_line(const std::vector<std::string_view>& words, std::string& why_not);

// For --help.
std::string_view usage_text();

}  // namespace gateway
