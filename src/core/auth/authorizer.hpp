// Maps what the connection shows, the request's Authorization and the rules in force to an identity, or to the fault that refuses the
// request. It runs before the cache lookup: a hit leaks as much as a miss.
// Thread rule: rules are immutable once made and shared as such; a client belongs to its connection.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/certificate_names.hpp"
#include "core/auth/client.hpp"
#include "core/auth/identity.hpp"
#include "core/auth/jwt.hpp"
#include "core/auth/token.hpp"
#include "core/auth/upstream_keys.hpp"
#include "core/base/fault.hpp"

namespace gateway {

// A client that may use one of our upstream accounts, and its possible proofs; any single proof is enough.
struct known_client {
  std::size_t account = 0;                 // index into injection::accounts
  partition asker;                         // the client itself
  std::vector<token_hash> tokens;          // two while one is being replaced
  name_pattern certificate;                // a name in a verified client certificate
  std::optional<std::uint32_t> unix_user;  // the user whose process connected to a unix socket
  std::string name{};                      // the client's name in the settings
  std::shared_ptr<const client_rights> rights = client_rights::usual();
  std::string subject{};  // of its JWTs; "" for none
  client_share share{};   // of the turns at the upstream
  bool is_one = false;    // all its addresses count as one client there: a client of its account has a share of its own
};

// Mode inject: the accounts whose credentials this gateway holds, and the clients that may use them.
struct injection {
  std::vector<identity> accounts;
  std::vector<known_client> clients;
  std::optional<std::size_t> guests;  // the account for local clients without a proof
  std::vector<std::string> account_names{};
  std::shared_ptr<const jwt_rules> jwt{};  // null: a JWT proves nothing
};

struct access_rules {
  std::uint64_t version = 0;           // unique for each set of rules
  fingerprint_key key{};               // makes partitions
  digest content{};                    // of the source files: changes when any of them changes
  std::optional<injection> injecting;  // nullopt: mode forward
};

// The identity stays valid until the next call for the same client. `there`: the upstream that the client's listener serves; null: the
// section upstream. `now` is for JWTs; without it every one has expired. If a proof proves nothing, client::refused says why.
boost::system::result<const identity*, fault> authorize(client& from, std::string_view authorization, const access_rules& rules,
                                                        const upstream_scope* there = nullptr, wall_time now = wall_time::max());

// Mode inject: the name in the settings of the account with that partition; nothing: no account has it.
std::optional<std::string_view> name_of_account(const access_rules& rules, const partition& owner);

// Mode inject: the client with that name in the settings; null: there is none.
const known_client* client_named(const access_rules& rules, std::string_view name);

// Mode inject: the accounts that can fetch what belongs to `account`: those whose credential names it, or a single account.
std::vector<identity> accounts_for(const access_rules& rules, const std::optional<account_sid>& account);

// The Authorization for the upstream on behalf of a client; call it after authorize() has succeeded. In mode inject it is never the value
// that the client sent.
secret upstream_authorization(const client& from, std::string_view authorization);

}  // namespace gateway
