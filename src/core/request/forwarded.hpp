// The client of a request that comes through trusted proxies, from Forwarded (RFC 7239) and X-Forwarded-For. Each proxy appends the hop
// before it. So an entry further left comes from a more distant sender, and the leftmost ones from the client itself.
// Thread rule: pure function, linear in the size of the fields.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/ip_address.hpp"

namespace gateway {

// No real path is longer; hops further left are ignored.
inline constexpr std::size_t max_hops = 32;

// The rightmost hop that is not trusted. If a hop cannot be read (unknown, hidden, malformed) or there are too many, the last good hop to
// its right; hops further left are never used. Nothing if there is no good hop, or if both fields are present and name different clients: a
// proxy that writes one field may forward the other as the client sent it.
// `fields`: the lines of a head as received (request_head::fields).
std::optional<ip_address> client_behind(std::string_view fields, const address_list& trusted);

}  // namespace gateway
