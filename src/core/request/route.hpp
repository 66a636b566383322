// Maps a path to one of Twilio's Insights resources. The path is matched without decoding, so each resource has one spelling.
// Thread rule: pure functions; the view lives as long as the path.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace gateway {

// The resources before `annotation` are the families of the setting `passthrough` (core/request/families), in its order.
enum class resource : std::uint8_t {
  call,
  events,
  metrics,
  summaries,
  conferences,
  video_rooms,
  settings,
  reports,
  v3,
  annotation,
  summary,
  none
};

constexpr bool is_passthrough(resource what) { return what < resource::summary; }

// Whether its path names a call.
constexpr bool is_about_call(resource what) {
  return what < resource::summaries || what == resource::annotation || what == resource::summary;
}

std::string_view name_of(resource what);

struct route {
  resource what = resource::none;
  std::string_view call;  // the {CallSid} segment, not yet validated; "" if there is none
};

route parse_route(std::string_view path);

std::string summary_path(const call_sid& call);

}  // namespace gateway
