#include "core/request/route.hpp"

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view prefix = "/v1/Voice/";
constexpr std::string_view summary_leaf = "/Summary";

struct leaf {
  std::string_view path;  // after "/v1/Voice/{CallSid}"
  resource what;
};
constexpr std::array<leaf, 4> leaves{{{summary_leaf, resource::summary},
                                      {"/Annotation", resource::annotation},
                                      {"/Events", resource::events},
                                      {"/Metrics", resource::metrics}}};

// {CF}: a SID that begins with these letters. {id}: 1 to 128 letters, digits, "-" and "_". {ids}, at the end: one to eight of these.
struct pattern {
  std::string_view path;
  resource what;
};
// Source: Twilio's OpenAPI of Insights v1 and v2, and its SDKs for v3.
constexpr std::array<pattern, 16> patterns{{
    {"/v1/Voice/Summaries", resource::summaries},
    {"/v1/Voice/Settings", resource::settings},
    {"/v1/Voice/{CA}", resource::call},
    {"/v1/Conferences", resource::conferences},
    {"/v1/Conferences/{CF}", resource::conferences},
    {"/v1/Conferences/{CF}/Participants", resource::conferences},
    {"/v1/Conferences/{CF}/Participants/{CP}", resource::conferences},
    {"/v1/Video/Rooms", resource::video_rooms},
    {"/v1/Video/Rooms/{id}", resource::video_rooms},
    {"/v1/Video/Rooms/{id}/Participants", resource::video_rooms},
    {"/v1/Video/Rooms/{id}/Participants/{id}", resource::video_rooms},
    {"/v2/Voice/Reports", resource::reports},
    {"/v2/Voice/Reports/{id}", resource::reports},
    {"/v2/Voice/Reports/PhoneNumbers/{id}", resource::reports},
    {"/v2/Voice/Reports/PhoneNumbers/{id}/{id}", resource::reports},
    {"/v3/InsightsDomains/{ids}", resource::v3},
}};

constexpr std::size_t longest_id = 128;
constexpr std::size_t most_ids = 8;

// No "%" and no ".": neither an encoded slash nor a dot segment.
constexpr char_set is_id_char{"-_", is_alnum};  // defence: path-segment
bool is_id(std::string_view text) { return !text.empty() && text.size() <= longest_id && is_id_char.holds_all(text); }

bool is_sid(std::string_view text, std::string_view letters) {
  return text.size() == 34 && text.starts_with(letters) && std::ranges::all_of(text.substr(2), is_hex);
}

// Takes the first segment of a path that begins with "/"; nullopt: the path has ended.
std::optional<std::string_view> take_segment(std::string_view& path) {
  if (path.empty()) return std::nullopt;
  path.remove_prefix(1);
  auto const segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_ids(std::optional<std::string_view> segment, std::string_view rest) {
  std::size_t count = 0;
  for (; segment && is_id(*segment); segment = take_segment(rest)) ++count;
  return !segment && count >= 1 && count <= most_ids;
}

bool fits(std::string_view segment, std::string_view wanted) {
  if (!wanted.starts_with('{')) return segment == wanted;
  return wanted == "{id}" ? is_id(segment) : is_sid(segment, wanted.substr(1, 2));
}

bool matches(std::string_view path, std::string_view wanted) {
  while (true) {
    auto const segment = take_segment(path);
    auto const next = take_segment(wanted);
    if (next == "{ids}") return is_ids(segment, path);
    if (!segment || !next) return !segment && !next;
    if (!fits(*segment, *next)) return false;
  }
}

}  // namespace

std::string_view name_of(resource what) {
  static constexpr std::array<std::string_view, 12> names{"call",     "events",  "metrics", "summaries",  "conferences", "video_rooms",
                                                          "settings", "reports", "v3",      "annotation", "summary",     "none"};
  return names[static_cast<std::size_t>(what)];
}

route parse_route(std::string_view path) {
  if (!path.starts_with("/v")) return {};
  // What is below a call first: it is asked for most often.
  if (path.starts_with(prefix)) {
    auto const rest = path.substr(prefix.size());
    auto const slash = std::min(rest.find('/'), rest.size());
    auto const below = rest.substr(slash);
    for (auto const& one : leaves) {
      if (below == one.path) return {one.what, rest.substr(0, slash)};
    }
  }
  for (auto const& one : patterns) {
    if (matches(path, one.path)) return {one.what, one.what == resource::call ? path.substr(prefix.size()) : std::string_view{}};
  }
  return {};
}

std::string summary_path(const call_sid& call) {
  std::string path;
  path.reserve(128);
  return path.append(prefix).append(call.view()).append(summary_leaf);
}

}  // namespace gateway
