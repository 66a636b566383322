#include "core/request/families.hpp"

#include <algorithm>
#include <cassert>

namespace gateway {
namespace {

constexpr std::array<family, static_cast<std::size_t>(resource::summary)> rows{{
    {resource::call, content_kind::none, "", false},
    {resource::events, content_kind::none, "", true},
    {resource::metrics, content_kind::none, "", true},
    {resource::summaries, content_kind::none, "", true},
    {resource::conferences, content_kind::none, "", true},
    {resource::video_rooms, content_kind::none, "", true},
    {resource::settings, content_kind::form, "settings.write", false},
    {resource::reports, content_kind::json, "reports.write", true},
    {resource::v3, content_kind::json, "v3.write", true},
    {resource::annotation, content_kind::form, "", false},
}};

constexpr std::string_view every_family = "all";

bool lists(const passthrough_set& listed, std::string_view word) {
  auto const at = std::ranges::find(passthrough_names, word) - passthrough_names.begin();
  return listed[static_cast<std::size_t>(at)];
}

}  // namespace

const family& family_of(resource what) {
  assert(is_passthrough(what));
  return rows[static_cast<std::size_t>(what)];
}

bool is_write(resource what, std::string_view method) { return method == "POST" && family_of(what).takes != content_kind::none; }

std::string_view word_for(resource what, std::string_view method) {
  if (what == resource::annotation) return "";
  return is_write(what, method) ? family_of(what).write : name_of(what);
}

bool allows(const passthrough_set& listed, resource what, std::string_view method) {
  auto const word = word_for(what, method);
  return word.empty() || lists(listed, word) || (!is_write(what, method) && lists(listed, every_family));  // defence: writes-are-named
}

std::string_view methods_of(resource what) {
  bool const written = is_passthrough(what) && family_of(what).takes != content_kind::none;
  return written ? "GET, HEAD, POST, OPTIONS" : read_methods;
}

}  // namespace gateway
