// The client's identity, as far as an answer depends on it: whose cache entries it may get, and which credential goes upstream.
// Thread rule: an identity is a value; an identity_memo belongs to one connection.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/bearer_claims.hpp"
#include "core/auth/client_rights.hpp"
#include "core/auth/client_share.hpp"
#include "core/auth/oauth_client.hpp"
#include "core/auth/partition.hpp"
#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"

namespace gateway {

struct identity {
  explicit identity(const partition& whose, std::shared_ptr<const secret> with = nullptr)
      : owner(whose), asker(whose), upstream(std::move(with)) {}

  partition owner;                      // the partition of its cache entries
  partition asker;                      // the client for limits per client: in mode inject several clients may share one owner
  std::optional<account_sid> account;   // mode forward: the account sid that the credential has as its user name
  std::optional<bearer_claims> claims;  // mode forward: what the bearer token says of itself, if it is a JWT
  std::string name;                     // mode inject: the client's name in the settings; "" for none
  // Mode inject: what the client may do; null: the gateway asks for itself, or the mode is forward.
  std::shared_ptr<const client_rights> rights{};
  client_share share{};                    // mode inject: of the turns at the upstream
  bool is_one = false;                     // mode inject: all its addresses count as one client there
  bool guest = false;                      // mode inject: a client without a proof, while other clients have proofs
  std::optional<digest> sharers;           // a named upstream: stands for all its credentials, where they share summaries
  std::string at;                          // mode inject: the name of the upstream that the account is for; "" = the section upstream
  std::shared_ptr<const secret> upstream;  // mode inject: the account's Authorization; null: the client's own is forwarded
  // Mode inject: how the gateway gets a token for the account; `upstream` then is empty, and each request takes the token of its moment.
  std::shared_ptr<const oauth_client> oauth{};
  // Mode inject: when the client's proof ends; nothing: with its connection, or with the rules.
  std::optional<wall_time> proved_until{};

  [[nodiscard]] bool proof_has_ended(wall_time now) const { return proved_until && now >= *proved_until; }

  // Mode inject: whether both are the same account's, with the same credential.
  [[nodiscard]] bool has_credential_of(const identity& other) const {
    if (owner != other.owner || !upstream->same_as(other.upstream->reveal())) return false;
    return (oauth == nullptr) == (other.oauth == nullptr) && (oauth == nullptr || oauth->same_as(*other.oauth));
  }

  // Whether the credential has ended, by its own word. The upstream still decides whether it takes it.
  [[nodiscard]] bool has_expired(wall_time now) const { return claims && now >= claims->expires; }
};

// Mode forward: the identity behind this Authorization.
boost::system::result<identity, fault> identity_of(std::string_view authorization, const fingerprint_key& key);

// Remembers the last Authorization value of one connection and the identity behind it. Clients repeat the value on every request, and
// hashing it again costs as much as the rest of a hit. The comparison takes time that depends on lengths only.
class identity_memo {
public:
  // Null if the value differs, or if other rules judged it.
  [[nodiscard]] const identity* find(std::string_view authorization, std::uint64_t rules) const;
  const identity* keep(std::string_view authorization, std::uint64_t rules, identity who);
  // The last identity that was found.
  [[nodiscard]] const std::optional<identity>& last() const { return who_; }
  // The rules that judged it.
  [[nodiscard]] std::uint64_t judged_by() const { return rules_; }

private:
  std::optional<identity> who_;
  secret seen_;              // of who_
  std::uint64_t rules_ = 0;  // of who_
};

}  // namespace gateway
