// The words of `summary-gateway ctl doctor`.
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/settings/command_line.hpp"

namespace gateway {

struct doctor_request {
  settings_source settings;     // no path: the defaults
  std::string credential_file;  // of an operator, for mode forward
  std::optional<call_sid> live;
  bool as_json = false;
};

// Whether the command in these words is doctor.
bool asks_for_doctor(const std::vector<std::string_view>& words);

// Nothing: `why_not` says what is wrong.
std::optional<doctor_request> parse_doctor(const std::vector<std::string_view>& words, std::string& why_not);

}  // namespace gateway
