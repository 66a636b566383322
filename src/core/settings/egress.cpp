#include "core/settings/egress.hpp"

namespace gateway {

origin dialled_origin(const upstream_settings& s, const origin& upstream) { return parse_authority(s.connect_to).value_or(upstream); }

void validate_egress(const upstream_settings& s, const std::function<void(const std::string& key, std::string text)>& report) {
  auto const upstream = parse_origin(s.url);
  auto const there = parse_authority(s.connect_to);
  if (!s.connect_to.empty() && !there) {
    report("upstream.connect_to", "must be HOST:PORT or [ADDRESS]:PORT, nothing before or after it");
  } else if (there && upstream && !upstream->tls && !is_loopback_host(there->host)) {
    // defence: plaintext-stays
    report("upstream.connect_to",
           "must be a loopback host, because upstream.url is http: credentials would leave this machine unencrypted");
  }
}

}  // namespace gateway
