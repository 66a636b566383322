#include "core/request/route.hpp"

namespace gateway {
namespace {

constexpr std::string_view prefix = "/v1/Voice/";

// The path after "/v1/Voice/{CallSid}", in the order of resource; summaries have a word in place of the CallSid.
constexpr std::array<std::string_view, 6> leaves{"", "/Events", "/Metrics", "", "/Annotation", "/Summary"};
constexpr std::string_view summaries_word = "Summaries";

resource resource_of(std::string_view leaf) {
  for (auto const what : {resource::summary, resource::annotation, resource::events, resource::metrics}) {
    if (leaf == leaves[static_cast<std::size_t>(what)]) return what;
  }
  return resource::none;
}

}  // namespace

std::string_view name_of(resource what) {
  static constexpr std::array<std::string_view, 7> names{"call", "events", "metrics", "summaries", "annotation", "summary", "none"};
  return names[static_cast<std::size_t>(what)];
}

route parse_route(std::string_view path) {
  if (!path.starts_with(prefix)) return {};
  auto const rest = path.substr(prefix.size());
  auto const slash = rest.find('/');
  if (slash != std::string_view::npos) {
    auto const what = resource_of(rest.substr(slash));
    return what == resource::none ? route{} : route{what, rest.substr(0, slash)};
  }
  if (rest == summaries_word) return {resource::summaries, {}};
  // Other resources beside calls, such as Settings, have a word in this place.
  return call_sid::parse(rest) ? route{resource::call, rest} : route{};
}

std::string path_of(resource what, const std::optional<call_sid>& call) {
  std::string path;
  path.reserve(128);
  path += prefix;
  path += call ? call->view() : summaries_word;
  return path += leaves[static_cast<std::size_t>(what)];
}

}  // namespace gateway
