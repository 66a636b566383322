// Decides who asks: from what a connection shows, what its request says and the rules in force to an identity, or to the fault that
// refuses the request. It stands before the cache: a hit leaks as much as a miss.
// Thread rule: rules are immutable once made and shared as such; a client belongs to its connection.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/client.hpp"
#include "core/auth/identity.hpp"
#include "core/auth/token.hpp"
#include "core/base/fault.hpp"

namespace gateway {

// Somebody who may use one of our upstream accounts, and what proves that it is them; any one proof is enough.
struct known_client {
  std::size_t account = 0;                 // of injection::accounts
  partition asker;                         // the client itself
  std::vector<token_hash> tokens;          // two while one is being replaced
  std::string certificate;                 // the name in a verified client certificate; "" for none
  std::optional<std::uint32_t> unix_user;  // whose process connected to a unix socket
  std::string name{};                      // as the settings call it
};

// Mode inject: the accounts whose credentials this gateway holds, and who may use them.
struct injection {
  std::vector<identity> accounts;
  std::vector<known_client> clients;
  std::optional<std::size_t> guests;  // the account of local clients that prove nothing
  std::vector<std::string> account_names{};
};

struct access_rules {
  std::uint64_t version = 0;           // no two sets of rules have the same
  fingerprint_key key{};               // of partitions
  digest content{};                    // of the files behind them: another one when any of them changed
  std::optional<injection> injecting;  // nullopt: mode forward
};

// The identity stays valid until the next call for the same client.
boost::system::result<const identity*, fault> authorize(client& from, std::string_view authorization, const access_rules& rules);

// With what the upstream is asked on behalf of a client, once authorize() has said who it is. In mode inject never what the client sent.
secret upstream_authorization(const client& from, std::string_view authorization);

}  // namespace gateway
