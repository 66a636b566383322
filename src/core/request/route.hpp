// Maps a path to one of Twilio's Voice Insights resources. The path is matched without decoding, so each resource has one spelling.
// Thread rule: pure functions; the view lives as long as the path.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace gateway {

// The first four are the values of the setting `passthrough`, in its order.
enum class resource : std::uint8_t { call, events, metrics, summaries, annotation, summary, none };
inline constexpr std::array<std::string_view, 4> passthrough_names{"call", "events", "metrics", "summaries"};

constexpr bool is_passthrough(resource what) { return what < resource::summary; }

// The passthrough resources that the setting allows.
using passthrough_set = std::array<bool, passthrough_names.size()>;

std::string_view name_of(resource what);

struct route {
  resource what = resource::none;
  std::string_view call;  // the {CallSid} segment, not yet validated; "" if there is none
};

route parse_route(std::string_view path);

// The only spelling of a path. All resources but summaries need `call`.
std::string path_of(resource what, const std::optional<call_sid>& call);

// For Allow and for the answer to a preflight.
constexpr std::string_view methods_of(resource what) {
  return what == resource::annotation ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

}  // namespace gateway
