#include "core/settings/validate.hpp"

#include "core/base/text.hpp"
#include "core/settings/listening.hpp"
#include "core/settings/upstreams.hpp"
#include "core/settings/validate_admin.hpp"
#include "core/settings/validate_credentials.hpp"
#include "core/settings/validate_events.hpp"
#include "core/settings/validate_fleet.hpp"
#include "core/settings/validate_shadow.hpp"
#include "core/upstream/field_table.hpp"

namespace gateway {

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  append_json_escaped(out, text.substr(0, 60));
  return out + "'";
}

span longest_hold(const settings& s) {
  auto longest = s.upstream.timeout;
  for (auto const& one : s.upstreams) longest = std::max(longest, one.timeout);
  return std::max(s.limits.request_timeout - longest, span{0});
}

void validate(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems) {
  auto const report = [&](const std::string& key, std::string text) {
    auto at = lines.find(key);
    // What a row of a list lacks is reported at the row.
    if (auto const row = key.substr(0, key.rfind('.')); at == lines.end() && row.ends_with(']')) at = lines.find(row);
    problems.push_back({at == lines.end() ? 0 : at->second, key, std::move(text)});
  };
  for (std::size_t i = 0; i < s.listeners.size(); ++i) {
    auto const& one = s.listeners[i];
    auto const key = "listeners[" + std::to_string(i) + "].";
    if (!one.address.empty() && !parse_endpoint(one.address)) {
      report(key + "address", std::string{endpoint_forms} + in_quotes(one.address));
    }
    bool const is_unix = one.address.starts_with("unix:");
    if (auto const why = why_no_socket_mode(one.mode); !one.mode.empty() && !why.empty())
      report(key + "mode", why + "; it is " + in_quotes(one.mode));
    if (!is_unix && !one.mode.empty()) report(key + "mode", "is for unix sockets only");
    if (!is_unix && !one.owner.empty()) report(key + "owner", "is for unix sockets only");
    auto const check_peers = [&](const std::string& name, const std::vector<std::string>& texts) {
      std::vector<std::string> wrong;
      auto const peers = parse_addresses(texts, &wrong);
      for (auto const& text : wrong) report(name, text);
      if (is_unix && !peers.ranges.empty()) report(name, "must be [unix]: clients of a unix socket have no address");
      if (!is_unix && peers.unix_peers) report(name, "must hold addresses: unix is for unix sockets only");
    };
    check_peers(key + "proxy_protocol.from", one.proxy_headers_from);
    check_peers(key + "trusted_proxies", one.trusted_proxies);
    if (!one.public_url.empty() && !parse_origin(one.public_url))
      report(key + "public_url", "must be https:// or http://HOST[:PORT] as clients write it, without user, path or query");
    if (one.tls && (one.tls->certificate.empty() || one.tls->key.empty())) report(key + "tls", "needs both certificate and key");
  }
  for (auto const& origin : s.cors.allow_origins) {
    if (!is_origin_pattern(origin))
      report("cors.allow_origins", "must hold origins such as https://app.example or \"*\", not " + in_quotes(origin));
  }
  if (auto const where = parse_endpoint(s.handover); !s.handover.empty() && !(where && where->is_unix()))
    report("handover", "must be unix:/PATH, not " + in_quotes(s.handover));
  validate_admin(s.admin, report);
  validate_upstreams(s, report);
  for (auto const& name : s.upstream.answer_fields) {
    auto const why = why_not_added(name);
    if (why) report("upstream.answer_fields", in_quotes(name) + " " + *why);  // defence: fields-never-added
  }
  validate_listening(s, report);
  if (s.snapshot.file.ends_with('/')) report("snapshot.file", "must be a file, not a folder: " + in_quotes(s.snapshot.file));
  if (s.snapshot.file.empty() && !s.snapshot.key_file.empty()) report("snapshot.key_file", "is for snapshot.file, which is not set");
  if (!s.tracing.otlp_url.empty() && !parse_origin(s.tracing.otlp_url))
    report("tracing.otlp_url", "must be http:// or https://HOST[:PORT], without user, path or query");
  if (s.polling.max_hold > longest_hold(s))
    report("polling.max_hold", "must be no longer than limits.request_timeout less upstream.timeout, or 0s");
  validate_fleet(s.fleet, report);
  validate_shadow(s.shadow, s.credentials, report);
  validate_events(s.events, s.credentials.mode, report);
  validate_credentials(s, lines, problems);
}

}  // namespace gateway
