#include "core/upstream/answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 8> hop_by_hop{
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding"};
constexpr std::array<std::string_view, 15> ours{"upgrade", "content-length", "content-range", "accept-ranges", "date",
                                                "etag",    "last-modified",  "expires",       "cache-control", "vary",
                                                "age",     "cache-status",   "x-request-id",  "gateway-fault", "server-timing"};
constexpr std::array<std::string_view, 6> for_its_host{"strict-transport-security", "alt-svc", "set-cookie", "set-cookie2",
                                                       "public-key-pins",           "via"};
constexpr std::array<std::string_view, 3> per_request{"twilio-request-id", "twilio-request-duration", "twilio-concurrent-requests"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](std::string_view known) { return iequals(known, name); });
}

bool nominated_by_connection(std::string_view name, const upstream_answer& answer) {
  bool found = false;
  for (auto const& field : answer.fields) {
    if (!iequals(field.name, "connection")) continue;
    for_each_element(field.value, [&](std::string_view option) { found = found || iequals(option, name); });
  }
  return found;
}

}  // namespace

std::string_view upstream_answer::field(std::string_view name) const {
  auto const found = std::ranges::find_if(fields, [&](const answer_field& f) { return iequals(f.name, name); });
  return found == fields.end() ? std::string_view{} : found->value;
}

std::string_view upstream_answer::hold(std::string text) {
  texts.push_back(std::make_unique<const std::string>(std::move(text)));
  return *texts.back();
}

bool is_passthrough(std::string_view name, const upstream_answer& answer) {
  // A 200 has no coding (core/upstream/verdict). Other answers are sent on as they are, with their coding.
  if (iequals(name, "content-encoding")) return answer.status != 200;
  return !contains(hop_by_hop, name) && !contains(ours, name) && !contains(for_its_host, name) && !nominated_by_connection(name, answer);
}

std::string redirect_host(const upstream_answer& answer) {
  static constexpr std::size_t longest = 253 + std::string_view{":65535"}.size();
  static constexpr char_set is_host_char{"-._:[]", is_alnum};
  if (answer.status < 300 || answer.status >= 400) return {};
  auto rest = answer.field("location");
  auto const slashes = rest.find("//");
  auto const scheme = rest.substr(0, slashes);
  if (slashes == std::string_view::npos || !(scheme.empty() || iequals(scheme, "http:") || iequals(scheme, "https:"))) return {};
  rest.remove_prefix(slashes + 2);
  auto host = rest.substr(0, rest.find_first_of("/?#\\"));
  host.remove_prefix(host.rfind('@') + 1);                                // defence: redirect-userinfo
  if (host.size() > longest || !is_host_char.holds_all(host)) return {};  // defence: redirect-host
  return std::string{host};
}

bool is_per_request(std::string_view name) { return contains(per_request, name); }

bool is_for_pages(std::string_view name) {
  static constexpr std::string_view family = "access-control-";
  return iequals(name.substr(0, family.size()), family);
}

}  // namespace gateway
