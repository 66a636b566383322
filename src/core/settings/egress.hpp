// The way from this gateway to the upstream, according to the settings. The upstream stays the host of upstream.url, whichever way leads
// there: TLS name, certificate check and Host are that host's. Thread rule: pure functions.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// `upstream` below is the origin of upstream.url, and the settings have been validated.

// The host that the gateway resolves and connects to: the egress proxy's if there is one.
origin dialled_origin(const upstream_settings& s, const origin& upstream);
// HOST:PORT of the end of the tunnel that an egress proxy is asked for; the proxy resolves it.
std::string tunnel_authority(const upstream_settings& s, const origin& upstream);

// Passes the key and the text of each problem to `report`.
// `prefix`: of the keys, such as "upstream.".
void validate_egress(const upstream_settings& s, const std::string& prefix,
                     const std::function<void(const std::string& key, std::string text)>& report);

}  // namespace gateway
