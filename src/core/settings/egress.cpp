#include "core/settings/egress.hpp"

#include <optional>

namespace gateway {
namespace {

using report_problem = std::function<void(const std::string& key, std::string text)>;

constexpr std::string_view proxy_scheme = "http://";

// http://HOST:PORT with an optional "/" at the end.
std::optional<origin> parse_proxy(std::string_view url) {
  if (!url.starts_with(proxy_scheme)) return std::nullopt;
  url.remove_prefix(proxy_scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  return parse_authority(url);
}

// No text of the setting is repeated: it may contain a password.
std::string why_no_proxy(std::string_view url, const std::string& prefix) {
  if (url.find('@') != std::string_view::npos)
    return "must hold no credential; write USER:PASSWORD to the file of " + prefix + "proxy_credential_file";
  if (url.starts_with("https://"))
    return "must be http://HOST:PORT: TLS to the proxy itself is not supported; what goes through it is TLS anyway";
  if (parse_origin(url)) return "must name its port: http://HOST:PORT";
  return "must be http://HOST:PORT, without path or query";
}

void validate_proxy(const upstream_settings& s, const std::string& prefix, const std::optional<origin>& upstream,
                    const report_problem& report) {
  if (s.proxy.empty()) {
    if (!s.proxy_credential_file.empty()) report(prefix + "proxy_credential_file", "is for " + prefix + "proxy, which is not set");
    return;
  }
  if (!parse_proxy(s.proxy)) report(prefix + "proxy", why_no_proxy(s.proxy, prefix));
  // defence: plaintext-not-tunnelled
  if (upstream && !upstream->tls) report(prefix + "proxy", "needs an https " + prefix + "url: through it, plain http would be readable");
}

}  // namespace

origin dialled_origin(const upstream_settings& s, const origin& upstream) {
  if (auto const proxy = parse_proxy(s.proxy)) return *proxy;
  return parse_authority(s.connect_to).value_or(upstream);
}

std::string tunnel_authority(const upstream_settings& s, const origin& upstream) {
  return parse_authority(s.connect_to).value_or(upstream).authority();
}

void validate_egress(const upstream_settings& s, const std::string& prefix, const report_problem& report) {
  auto const upstream = parse_origin(s.url);
  auto const there = parse_authority(s.connect_to);
  if (!s.connect_to.empty() && !there) {
    report(prefix + "connect_to", "must be HOST:PORT or [ADDRESS]:PORT, nothing before or after it");
  } else if (there && upstream && !upstream->tls && !is_loopback_host(there->host)) {
    // defence: plaintext-stays
    report(prefix + "connect_to",
           "must be a loopback host, because " + prefix + "url is http: credentials would leave this machine unencrypted");
  }
  validate_proxy(s, prefix, upstream, report);
}

}  // namespace gateway
