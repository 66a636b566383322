// The addresses that a configuration listens on, and whether two of them collide.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/auth/proxied_client.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// Needs valid settings. Data listeners first, then admin, metrics and events.
std::vector<endpoint> listening_addresses(const settings& values);

// Compares parsed addresses, not text: "[0::1]:80" and "[::1]:80" are the same.
bool is_same_place(const endpoint& a, const endpoint& b);

// Passes the key and the text of each problem to `report`: a listener cannot have an address, a port or a socket file that another has.
void validate_listening(const settings& values, const std::function<void(const std::string& key, std::string text)>& report);

// The addresses whose PROXY headers and forwarding fields one listener trusts, and its public URL. Needs valid settings.
listener_trust trust_of(const listener_settings& values);

// Whether pages of lists may be named http:// though clients use https://: TLS that ends before a listener is not seen there.
bool may_misname_pages(const settings& values);

// Parses address ranges, "unix" among them. Texts that are no range are added to `problems`, unless it is null.
address_list parse_addresses(const std::vector<std::string>& texts, std::vector<std::string>* problems = nullptr);

}  // namespace gateway
