#include "core/upstream/field_table.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/request/framing.hpp"

namespace gateway {
namespace {

using enum field_use;

// clang-format off
constexpr field_row rows[]{
    // Twilio's own.
    {"twilio-request-id", waiting, "it names one request at Twilio"},
    {"twilio-request-duration", waiting, "it describes one request at Twilio"},
    {"twilio-concurrent-requests", waiting, "it describes the account at one moment"},
    {"twilio-*", everyone, "Twilio describes the answer or its resource"},
    {"x-home-region", everyone, "the account's home region"},
    {"x-api-domain", everyone, "the API that answered"},
    // What HTTP says of the resource and of the answer.
    {"access-control-*", everyone, "which pages may read the answer; cors.allow_origins comes before it"},
    {"allow", everyone, "a 405 must name the methods"},
    {"content-type", everyone, "it describes the content"},
    {"content-language", everyone, "it describes the content"},
    {"content-disposition", everyone, "it describes the content"},
    {"content-encoding", everyone, "the coding of an error's content; a 200 has none, or one of the gateway's"},
    {"deprecation", everyone, "the resource will go"},
    {"sunset", everyone, "when the resource goes"},
    {"link", everyone, "what belongs to the resource"},
    {"retry-after", everyone, "when to ask again, within upstream.max_retry_after"},
    {"www-authenticate", everyone, "which credentials Twilio takes"},
    {"x-content-type-options", everyone, "content is what its type says"},
    // A digest of other bytes would make a client refuse a good answer.
    {"content-digest", exact_bytes, "a digest of these bytes"},
    {"repr-digest", exact_bytes, "a digest of these bytes"},
    {"digest", exact_bytes, "a digest of these bytes"},
    {"content-md5", exact_bytes, "a digest of these bytes"},
    // RFC 9110 §7.6.1.
    {"connection", connection, "it is about the connection to the upstream"},
    {"keep-alive", connection, "it is about the connection to the upstream"},
    {"proxy-authenticate", connection, "it is a proxy's word to the gateway"},
    {"proxy-authentication-info", connection, "it is a proxy's word to the gateway"},
    {"proxy-authorization", connection, "it is about the connection to the upstream"},
    {"proxy-connection", connection, "it is about the connection to the upstream"},
    {"te", connection, "it is about the connection to the upstream"},
    {"trailer", connection, "the gateway sends no trailers"},
    {"transfer-encoding", connection, "the gateway frames its answers itself"},
    {"upgrade", connection, "the gateway changes to no other protocol"},
    // The gateway's own.
    {"accept-ranges", ours, "the gateway serves whole answers"},
    {"age", ours, "the gateway counts it"},
    {"cache-control", ours, "the gateway has its own word to caches of clients"},
    {"cache-status", ours, "the gateway is the cache that counts"},
    {"content-length", ours, "the gateway frames its answers itself"},
    {"content-range", ours, "the gateway serves whole answers"},
    {"date", ours, "the moment of the gateway's answer"},
    {"etag", ours, "the gateway makes a tag for each form"},
    {"expires", ours, "the gateway has its own word to caches of clients"},
    {"gateway-fault", ours, "only the gateway names its faults"},
    {"last-modified", ours, "the gateway validates by ETag"},
    {"pragma", ours, "the gateway has its own word to caches of clients"},
    {"preference-applied", ours, "the gateway applies preferences itself"},
    {"ratelimit", ours, "clients have the gateway's limits"},
    {"ratelimit-*", ours, "clients have the gateway's limits"},
    {"server-timing", ours, "the hops of the gateway"},
    {"vary", ours, "the gateway chooses between its forms"},
    {"via", ours, "the gateway names no hops to clients"},
    {"x-origin-twilio-request-id", ours, "the gateway makes it from Twilio-Request-Id"},
    {"x-request-id", ours, "the gateway's name of the request"},
    // Never: many clients get the same answer.
    {"set-cookie", nobody, "a cookie is for one client, and the answer for many"},
    {"set-cookie2", nobody, "a cookie is for one client, and the answer for many"},
    {"authentication-info", nobody, "it is for one client, and the answer for many"},
    // About the host that answered, which a client does not talk to.
    {"alt-svc", unless_added, "it leads past the gateway"},
    {"clear-site-data", unless_added, "it would clear what the gateway's host stores"},
    {"content-location", unless_added, "it leads past the gateway"},
    {"content-security-policy", unless_added, "it is about pages of the upstream's host"},
    {"content-security-policy-report-only", unless_added, "it is about pages of the upstream's host"},
    {"cross-origin-*", unless_added, "it is about pages of the upstream's host"},
    {"expect-ct", unless_added, "it is about the upstream's host"},
    {"location", unless_added, "it leads past the gateway"},
    {"nel", unless_added, "it makes browsers report about the gateway's host"},
    {"origin-agent-cluster", unless_added, "it is about pages of the upstream's host"},
    {"permissions-policy", unless_added, "it is about pages of the upstream's host"},
    {"public-key-pins", unless_added, "it is about the upstream's certificate"},
    {"referrer-policy", unless_added, "it is about pages of the upstream's host"},
    {"refresh", unless_added, "it leads past the gateway"},
    {"report-to", unless_added, "it makes browsers report about the gateway's host"},
    {"reporting-endpoints", unless_added, "it makes browsers report about the gateway's host"},
    {"server", unless_added, "it names the upstream's program"},
    {"service-worker-allowed", unless_added, "it would widen a worker's scope at the gateway's host"},
    {"strict-transport-security", unless_added, "it is about the upstream's host"},
    {"x-frame-options", unless_added, "it is about pages of the upstream's host"},
    {"x-powered-by", unless_added, "it names the upstream's program"},
    {"x-xss-protection", unless_added, "it is about pages of the upstream's host"},
    // Orders to a proxy or a content network before the gateway, and reports of one behind it.
    {"cdn-cache-control", unless_added, "a cache before the gateway would keep private answers"},
    {"cloudflare-cdn-cache-control", unless_added, "a cache before the gateway would keep private answers"},
    {"edge-control", unless_added, "a cache before the gateway would keep private answers"},
    {"surrogate-control", unless_added, "a cache before the gateway would keep private answers"},
    {"surrogate-key", unless_added, "it is an order to a cache"},
    {"x-accel-*", unless_added, "it is an order to nginx, which could serve a file in place of the answer"},
    {"x-amz-cf-*", unless_added, "it describes a hop behind the gateway"},
    {"x-cache", unless_added, "it describes a hop behind the gateway"},
    {"x-lighttpd-send-file", unless_added, "it is an order to a web server, which would serve a file in place of the answer"},
    {"x-sendfile", unless_added, "it is an order to a web server, which would serve a file in place of the answer"},
    {"x-ratelimit-*", unless_added, "clients have the gateway's limits"},
};
// clang-format on

bool is_of(std::string_view family, std::string_view name) {
  family.remove_suffix(1);
  return name.size() > family.size() && iequals(family, name.substr(0, family.size()));
}

}  // namespace

std::span<const field_row> field_table() { return rows; }

const field_row* field_row_of(std::string_view name) {
  const field_row* family = nullptr;
  for (auto const& row : rows) {
    if (iequals(row.name, name)) return &row;
    if (row.name.back() == '*' && is_of(row.name, name)) family = &row;
  }
  return family;
}

std::optional<std::string> why_not_added(std::string_view name) {
  if (name.empty() || !is_token_char.holds_all(name)) return "is no name of a field";
  auto const* const row = field_row_of(name);
  if (row == nullptr || row->use == unless_added) return std::nullopt;
  return std::string{reaches_clients(row->use) ? "is sent on already" : "can never be sent on"}.append(": ").append(row->reason);
}

}  // namespace gateway
