// The public URL at which Twilio delivers events, as the settings give it. Twilio signs it; what a request says of its own host counts for
// nothing.
// Thread rule: a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct event_url {
  // https://HOST[:PORT]/PATH, without user, query or fragment.
  static std::optional<event_url> parse(std::string_view text);

  std::string with_port;  // Twilio signs one of the two forms, and not always the same
  std::string without_port;
  std::string path;
};

}  // namespace gateway
