// For whom a request comes through trusted proxies, as the fields Forwarded (RFC 7239) and X-Forwarded-For tell it: each proxy adds the hop
// before it at the end, so what stands further left was said by somebody further away, in the end by the client itself.
// Thread rule: pure function, linear in the size of the fields.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/ip_address.hpp"

namespace gateway {

// Longer ways are nobody's: what stands further left is not looked at.
inline constexpr std::size_t max_hops = 32;

// The rightmost hop that is not trusted. Where a hop cannot be read (unknown, hidden, malformed), or there are too many, the good one to
// its right: what is further left is never guessed at. Nothing if there is no good one, and if both fields stand there and name different
// clients: a proxy that writes one of them lets through what the client says in the other.
// `fields`: the lines of a head as it came (request_head::fields).
std::optional<ip_address> client_behind(std::string_view fields, const address_list& trusted);

}  // namespace gateway
