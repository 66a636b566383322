#include "core/cache/upstream_cache_control.hpp"

#include <algorithm>

#include "core/base/directives.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

using word = upstream_directive;

// RFC 9111 §4.2.1: of several values the shortest counts, and an unreadable one means stale.
void shorten(std::chrono::seconds& span, std::string_view argument) {
  span = std::min(span, parse_delta_seconds(argument).value_or(std::chrono::seconds{0}));
}

// Bounds an upstream value, so that no sum overflows. No answer is stored for longer than its record.
std::chrono::nanoseconds bounded(std::chrono::nanoseconds span) {
  return std::clamp<std::chrono::nanoseconds>(span, std::chrono::nanoseconds{0}, record_lifetime);
}

}  // namespace

void upstream_cache_control::add(std::string_view name, std::string_view value, wall_time now) {
  if (iequals(name, "cache-control")) {
    add_cache_control(value);
  } else if (iequals(name, "age")) {
    // A list is not valid, and its first element counts (RFC 9111 §5.1). A value that is no number is ignored.
    if (auto const stated = parse_delta_seconds(trim_ows(value.substr(0, value.find(',')))); stated && !age_) age_ = stated;
  } else if (iequals(name, "date")) {
    date_ = parse_http_date(value, now);
  } else if (iequals(name, "expires")) {
    auto& said = said_[static_cast<std::size_t>(word::expires)];
    auto const stated = parse_http_date(value, now);
    expires_ = !said ? stated : expires_ && stated ? std::optional{std::min(*expires_, *stated)} : std::nullopt;
    said = true;
  }
}

void upstream_cache_control::add_cache_control(std::string_view value) {
  for_each_directive(value, [&](std::string_view name, std::string_view argument) {
    for (std::size_t i = 0; i < said_.size(); ++i) {
      if (static_cast<word>(i) != word::expires) said_[i] = said_[i] || iequals(name, upstream_directive_names[i]);
    }
    if (iequals(name, "max-age")) shorten(max_age_, argument);
    if (iequals(name, "s-maxage")) shorten(s_maxage_, argument);
  });
}

// Counted from the upstream's own date, so that a wrong clock there does not matter.
std::chrono::nanoseconds upstream_cache_control::expires_after(wall_time now) const {
  auto const from = date_.value_or(now);
  if (!expires_ || *expires_ <= from) return std::chrono::nanoseconds{0};
  return *expires_ - record_lifetime > from ? record_lifetime : *expires_ - from;  // first: the difference to a far date could overflow
}

upstream_bounds upstream_cache_control::bounds(std::chrono::nanoseconds under_way, wall_time now, const freshness_policy& policy) const {
  upstream_bounds made;
  made.forbids_storing = counts(word::no_store, policy) || counts(word::private_, policy);
  made.ask_first = counts(word::no_cache, policy);
  // Without an Age the answer comes from the origin itself and is new.
  if (age_) made.age = bounded(*age_ + std::max(under_way, std::chrono::nanoseconds{0}));
  bool const has_max_age = said_[static_cast<std::size_t>(word::max_age)] || said_[static_cast<std::size_t>(word::s_maxage)];
  auto said = std::chrono::nanoseconds::max();
  if (made.ask_first) {
    said = std::chrono::nanoseconds{0};
  } else if (counts(word::s_maxage, policy)) {
    said = bounded(s_maxage_);
  } else if (counts(word::max_age, policy)) {
    said = bounded(max_age_);
  } else if (counts(word::expires, policy) && !has_max_age) {
    said = bounded(expires_after(now));
  }
  if (said != std::chrono::nanoseconds::max()) made.fresh_at_most = std::max(said, made.age + policy.revalidate_after);
  return made;
}

}  // namespace gateway
