#include "core/auth/scopes.hpp"

#include <string>

#include "core/base/text.hpp"

namespace gateway {

std::uint64_t account_scope(const identity& who, const short_hash_key& key) {
  if (who.account) return short_hash(key, who.account->view());
  // A client may make a token for each request: all of them use one account's limit.
  return short_hash(key, view_of(who.claims ? who.claims->subject : who.owner.id));
}

std::uint64_t client_scope(const identity& who, const client& from, const short_hash_key& key) {
  if (who.is_one) return named_scope(who);  // defence: named-client-is-one
  std::string all;
  all.reserve(64 + from.name.size());
  all.append(view_of(who.asker.id)).append(view_of(from.address)).append(from.name);
  if (from.user) all.append("\n").append(std::to_string(*from.user));
  return short_hash(key, all);
}

std::uint64_t address_scope(const client& from, const short_hash_key& key) {
  return from.user ? short_hash(key, "uid " + std::to_string(*from.user)) : short_hash(key, view_of(from.address));
}

std::uint64_t network_scope(const client& from, const short_hash_key& key) {
  if (from.user || ip_address{from.address}.is_ipv4()) return address_scope(from, key);
  return short_hash(key, view_of(from.address).substr(0, 6));  // defence: ipv6-network
}

}  // namespace gateway
