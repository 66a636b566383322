#include "core/auth/identity.hpp"

#include "core/auth/credentials.hpp"

namespace gateway {

boost::system::result<identity, fault> identity_of(std::string_view authorization, const fingerprint_key& key) {
  auto const sent = parse_authorization(authorization);
  if (!sent) return sent.error();
  identity who{partition_of(*sent, key)};
  who.account = account_sid::parse(sent->user());
  if (sent->user().empty()) who.claims = read_claims(sent->token(), key);
  return who;
}

const identity* identity_memo::find(std::string_view authorization, std::uint64_t rules) const {
  return who_ && rules_ == rules && seen_.same_as(authorization) ? &*who_ : nullptr;
}

const identity* identity_memo::keep(std::string_view authorization, std::uint64_t rules, identity who) {
  seen_.assign(authorization);
  rules_ = rules;
  return &who_.emplace(std::move(who));
}

}  // namespace gateway
