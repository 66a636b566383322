// The families of Insights resources that pass through, one row each, and the words of the setting `passthrough` that allow them.
// Thread rule: values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/request/route.hpp"

namespace gateway {

// What the content of a POST is.
enum class content_kind : std::uint8_t { none, form, json };

struct family {
  resource what;
  content_kind takes;      // none: it is only read
  std::string_view write;  // the word that allows its POST; "" = it needs none
  bool is_long;            // its lists may be longer than upstream.max_body_bytes
};

// Needs is_passthrough(what).
const family& family_of(resource what);

// The names of the families, all of them, and the writes, which `all` does not contain.
inline constexpr std::array<std::string_view, 13> passthrough_names{
    "call",    "events", "metrics", "summaries",      "conferences",   "video_rooms", "settings",
    "reports", "v3",     "all",     "settings.write", "reports.write", "v3.write"};
// The words that the setting lists.
using passthrough_set = std::array<bool, passthrough_names.size()>;

// Whether a method is a write of the family.
bool is_write(resource what, std::string_view method);
// The word that allows such a request; "" = none is needed.
std::string_view word_for(resource what, std::string_view method);
bool allows(const passthrough_set& listed, resource what, std::string_view method);

// For Allow and for the answer to a preflight: of what is only read, and of any resource.
inline constexpr std::string_view read_methods = "GET, HEAD, OPTIONS";
std::string_view methods_of(resource what);

}  // namespace gateway
