#include "core/auth/authorizer.hpp"

#include <algorithm>
#include <cassert>

#include "core/auth/credentials.hpp"

namespace gateway {
namespace {

using boost::system::result;

// Compares with every known token, so the time taken reveals nothing.
const known_client* holder_of(std::string_view token, const std::vector<known_client>& clients) {
  auto const hash = hash_of_token(token);
  const known_client* holder = nullptr;
  for (auto const& one : clients) {
    for (auto const& known : one.tokens) {
      if (same_hash(known, hash)) holder = &one;
    }
  }
  return holder;
}

// A Twilio credential is for one region: no other upstream gets it.
bool is_for(std::string_view upstream, std::size_t account, const injection& rules) { return rules.accounts[account].at == upstream; }

const known_client* certified(client& from, const injection& rules, std::string_view upstream) {
  auto const owner = owner_of(from.names, rules.clients, [&](const known_client& one) {
    return is_for(upstream, one.account, rules);  // defence: account-of-upstream-certified
  });
  if (owner.is_ambiguous) from.refused = proof_refusal::certificate_ambiguous;
  return owner.entry;
}

// A certificate says more than the user of a process.
const known_client* proved_by_connection(client& from, const injection& rules, std::string_view upstream) {
  if (from.is_proxied) return nullptr;  // defence: proxied-proves-nothing
  if (auto const* const owner = certified(from, rules, upstream)) return owner;
  auto const known = std::ranges::find_if(rules.clients, [&](const known_client& one) {
    return one.unix_user && one.unix_user == from.user && is_for(upstream, one.account, rules);  // defence: account-of-upstream-connected
  });
  return known == rules.clients.end() ? nullptr : &*known;
}

identity identity_of(const known_client& one, const injection& rules) {
  auto who = rules.accounts[one.account];
  who.asker = one.asker;
  who.name = one.name;
  who.rights = one.rights;  // defence: rights-of-client
  who.share = one.share;
  who.is_one = one.is_one;
  return who;
}

std::optional<identity> proved_by_jwt(client& from, std::string_view token, const injection& rules, std::string_view upstream,
                                      wall_time now) {
  if (rules.jwt == nullptr || !is_jwt(token)) return std::nullopt;
  auto const proof = prove(token, *rules.jwt, now);
  from.refused = proof ? proof_refusal::jwt_subject : proof.error();
  if (!proof) return std::nullopt;
  auto const known = std::ranges::find_if(rules.clients, [&](const known_client& one) {
    return one.subject == proof->subject && is_for(upstream, one.account, rules);  // defence: account-of-upstream-subject
  });
  if (known == rules.clients.end()) return std::nullopt;
  from.refused.reset();
  auto who = identity_of(*known, rules);
  who.proved_until = proof->until;  // defence: jwt-ends
  return who;
}

// The strongest intent comes first: a client sends a token on purpose, a certificate or a user comes with the connection, and any local
// client may be a guest. A wrong token does not refuse a client that its connection proves: some SDKs always send an Authorization.
result<identity, fault> injected(client& from, std::string_view authorization, const injection& rules, std::string_view upstream,
                                 wall_time now) {
  auto why = fault::missing_token;
  if (!authorization.empty()) {
    auto const sent = parse_authorization(authorization);
    auto const* const holder = sent ? holder_of(sent->token(), rules.clients) : nullptr;
    // defence: account-of-upstream
    if (holder != nullptr && is_for(upstream, holder->account, rules)) return identity_of(*holder, rules);
    auto proved = sent ? proved_by_jwt(from, sent->token(), rules, upstream, now) : std::nullopt;
    if (proved) return std::move(*proved);
    why = fault::unknown_token;
  }
  if (auto const* const known = proved_by_connection(from, rules, upstream)) return identity_of(*known, rules);
  if (!rules.guests || !from.is_local || !is_for(upstream, *rules.guests, rules)) return why;  // defence: account-of-upstream-guests
  auto guest = rules.accounts[*rules.guests];
  guest.guest = !rules.clients.empty();
  guest.rights = client_rights::usual();  // defence: rights-of-guests
  return guest;
}

}  // namespace

result<const identity*, fault> authorize(client& from, std::string_view authorization, const access_rules& rules,
                                         const upstream_scope* there, wall_time now) {
  auto const* const known = from.memo.find(authorization, rules.version);
  if (known != nullptr && !known->proof_has_ended(now)) return known;
  auto const& key = there == nullptr ? rules.key : there->key;  // defence: upstream-partition
  auto found = rules.injecting ? injected(from, authorization, *rules.injecting, there == nullptr ? "" : there->name, now)
                               : identity_of(authorization, key);
  if (!found) return found.error();
  if (there != nullptr) found->sharers = there->sharers;  // defence: sharers-of-upstream
  return from.memo.keep(authorization, rules.version, std::move(*found));
}

std::optional<std::string_view> name_of_account(const access_rules& rules, const partition& owner) {
  if (!rules.injecting) return std::nullopt;
  auto const& all = rules.injecting->accounts;
  auto const found = std::ranges::find(all, owner, &identity::owner);
  if (found == all.end()) return std::nullopt;
  return rules.injecting->account_names[static_cast<std::size_t>(found - all.begin())];
}

const known_client* client_named(const access_rules& rules, std::string_view name) {
  if (!rules.injecting) return nullptr;
  auto const found = std::ranges::find(rules.injecting->clients, name, &known_client::name);
  return found == rules.injecting->clients.end() ? nullptr : &*found;
}

std::vector<identity> accounts_for(const access_rules& rules, const std::optional<account_sid>& account) {
  std::vector<identity> found;
  if (!rules.injecting) return found;
  auto const& all = rules.injecting->accounts;
  if (all.size() == 1) return all;
  for (auto const& one : all) {
    auto const names = one.upstream ? identity_of(one.upstream->reveal(), rules.key) : fault::unreadable_credentials;
    if (account && names && names->account == account) found.push_back(one);
  }
  return found;
}

secret upstream_authorization(const client& from, std::string_view authorization) {
  auto const& who = from.memo.last();
  assert(who && "authorized before it asks the upstream");
  return who->upstream ? *who->upstream : secret{authorization};
}

}  // namespace gateway
