#pragma once
// Conferences and video rooms with their participants, always the same for (seed, account), and the Voice Insights settings of accounts.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "list_page.hpp"

namespace simulator {

// Whether the path is one of a conference, a room or their participants, alone or as a list.
bool is_gathering_path(std::string_view path);

// The answer's body. Needs is_gathering_path(path_of(target)).
std::variant<std::string, refused_parameter> gathering_body(std::uint64_t seed, std::string_view target, std::string_view account_sid);

struct voice_settings {
  bool advanced_features = false, voice_trace = false;

  // Applies a form-encoded POST; the name of the first parameter that Twilio would refuse, or nothing.
  std::optional<std::string> apply_form(std::string_view form);
  std::string body(std::string_view account_sid) const;
};

}  // namespace simulator
