#include "app/ctl/doctor_request.hpp"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

constexpr std::string_view doctor_command = "doctor";
// Options with a value.
constexpr std::array<std::string_view, 5> valued{"--config", "-c", "--set", "--credential-file", "--live"};

bool takes_value(std::string_view word) { return std::ranges::find(valued, word) != valued.end(); }

}  // namespace

bool asks_for_doctor(const std::vector<std::string_view>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (takes_value(words[i])) {
      ++i;
    } else if (!words[i].starts_with("-")) {
      return words[i] == doctor_command;
    }
  }
  return false;
}

std::optional<doctor_request> parse_doctor(const std::vector<std::string_view>& words, std::string& why_not) {
  doctor_request made;
  bool is_named = false;
  auto const refuse = [&](std::string why) { return why_not = std::move(why), std::nullopt; };
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const equals = words[i].starts_with("--") ? words[i].find('=') : std::string_view::npos;
    auto const name = words[i].substr(0, equals);
    if (name == "--json") {
      made.as_json = true;
    } else if (name == doctor_command && !is_named) {
      is_named = true;
    } else if (!takes_value(name)) {
      return refuse("doctor does not take '" + std::string{words[i]} + "'");
    } else {
      bool const is_there = equals != std::string_view::npos || i + 1 < words.size();
      std::string const value{equals != std::string_view::npos ? words[i].substr(equals + 1) : is_there ? words[++i] : ""};
      if (value.empty()) return refuse(std::string{name} + " needs a value");
      if (name == "--set") {
        auto const key_ends = value.find('=');
        if (key_ends == 0 || key_ends == std::string::npos) return refuse("--set needs KEY=VALUE, such as upstream.timeout=5s");
        made.settings.set.push_back({value.substr(0, key_ends), value.substr(key_ends + 1)});
      } else if (name == "--live") {
        made.live = call_sid::parse(value);
        if (!made.live) return refuse("--live needs a CallSid: CA and 32 hexadecimal digits");
      } else {
        (name == "--credential-file" ? made.credential_file : made.settings.path) = value;
      }
    }
  }
  return made;
}

}  // namespace gateway
