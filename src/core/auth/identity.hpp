// Who asks, as far as an answer depends on it: whose entries may be given, and with which credential the upstream is asked.
// Thread rule: an identity is a value; an identity_memo belongs to one connection.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/partition.hpp"
#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"

namespace gateway {

struct identity {
  explicit identity(const partition& whose, std::shared_ptr<const secret> with = nullptr)
      : owner(whose), asker(whose), upstream(std::move(with)) {}

  partition owner;                         // whose entries
  partition asker;                         // whom bounds per client count: several clients may have one owner in mode inject
  std::optional<account_sid> account;      // mode forward: the one that the credential names as its user
  std::string name;                        // mode inject: as the settings call the client; "" for none
  bool guest = false;                      // mode inject: nothing tells who it is, while others have proofs
  std::shared_ptr<const secret> upstream;  // mode inject: the account's Authorization; null: the client's own goes on
};

// Mode forward: who sent this Authorization.
boost::system::result<identity, fault> identity_of(std::string_view authorization, const fingerprint_key& key);

// Remembers the last Authorization value of one connection and whom it proved: clients repeat it on every request, and hashing it
// again costs as much as everything else a hit does. Compares in a time that depends on lengths only.
class identity_memo {
public:
  // Null if it was another value, or if it was judged by other rules.
  [[nodiscard]] const identity* find(std::string_view authorization, std::uint64_t rules) const;
  const identity* keep(std::string_view authorization, std::uint64_t rules, identity who);
  // Who it was the last time that somebody was known.
  [[nodiscard]] const std::optional<identity>& last() const { return who_; }

private:
  std::optional<identity> who_;
  secret seen_;              // of who_
  std::uint64_t rules_ = 0;  // of who_
};

}  // namespace gateway
