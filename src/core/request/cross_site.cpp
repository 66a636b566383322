#include "core/request/cross_site.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {

bool is_cross_site(const request_head& head) {
  auto const site = head.sec_fetch_site;
  if (!site.empty() && !iequals(site, "same-origin") && !iequals(site, "none")) return true;
  if (head.origin.empty()) return false;
  auto const scheme_end = head.origin.find("://");
  return scheme_end == std::string_view::npos || !iequals(head.origin.substr(scheme_end + 3), head.host);
}

bool may_change(const request_head& head, const cors_policy& policy) {
  auto const& named = policy.allow_origins;
  return !is_cross_site(head) || (head.origin != "*" && std::ranges::find(named, head.origin) != named.end());
}

bool may_be_rebound(std::string_view host) {
  if (host.starts_with('[')) return false;
  auto name = host.substr(0, host.find(':'));
  if (name.ends_with('.')) name.remove_suffix(1);
  bool const is_address = std::ranges::all_of(name, [](char c) { return is_digit(c) || c == '.'; });
  constexpr std::string_view here = ".localhost";
  bool const is_here = name.size() > here.size() && iequals(name.substr(name.size() - here.size()), here);
  return name.find('.') != std::string_view::npos && !is_address && !is_here;
}

}  // namespace gateway
