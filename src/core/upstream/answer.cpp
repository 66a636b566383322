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

bool comes_before(std::string_view a, std::string_view b) { return std::ranges::lexicographical_compare(a, b, {}, lower, lower); }

}  // namespace

std::string_view upstream_answer::field(std::string_view name) const {
  auto const found = std::ranges::find_if(fields, [&](const answer_field& f) { return iequals(f.name, name); });
  return found == fields.end() ? std::string_view{} : found->value;
}

std::string_view upstream_answer::hold(std::string text) {
  texts.push_back(std::make_unique<const std::string>(std::move(text)));
  return *texts.back();
}

// Collected once: compared anew for each field, a long list in Connection would cost fields times options.
passthrough_fields::passthrough_fields(const upstream_answer& answer) : coded_(answer.status != 200) {
  for (auto const& field : answer.fields) {
    if (!iequals(field.name, "connection")) continue;
    for_each_element(field.value, [&](std::string_view option) {
      if (!iequals(option, "close") && !iequals(option, "keep-alive")) by_connection_.push_back(option);
    });
  }
  std::ranges::sort(by_connection_, comes_before);
}

bool passthrough_fields::has(std::string_view name) const {
  // A 200 has no coding (core/upstream/verdict). Other answers are sent on as they are, with their coding.
  if (iequals(name, "content-encoding")) return coded_;
  return !contains(hop_by_hop, name) && !contains(ours, name) && !contains(for_its_host, name) &&
         !std::ranges::binary_search(by_connection_, name, comes_before);
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
