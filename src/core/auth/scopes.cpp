#include "core/auth/scopes.hpp"

#include <string>

#include "core/auth/credentials.hpp"
#include "core/base/ids.hpp"

namespace gateway {
namespace {

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::uint64_t account_scope(const identity& who, std::string_view authorization, const short_hash_key& key) {
  if (!who.upstream) {
    auto const sent = parse_authorization(authorization);
    auto const user = sent ? sent->user() : std::string_view{};
    if (account_sid::parse(user)) return short_hash(key, user);
  }
  return short_hash(key, view_of(who.owner.id));
}

std::uint64_t client_scope(const identity& who, const client& from, const short_hash_key& key) {
  std::string all{view_of(who.asker.id)};
  all.append(view_of(from.address)).append(from.name);
  if (from.user) all.append("\n").append(std::to_string(*from.user));
  return short_hash(key, all);
}

}  // namespace gateway
