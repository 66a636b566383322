// Which cached answers a credential may see: those filed under its own keyed fingerprint, and no others.
// The fingerprint cannot be turned back into the secret; its key is drawn at start and never leaves the process.
// Thread rule: partition is a value; a partition_memo belongs to one connection.
#pragma once

#include <boost/system/result.hpp>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/keyed_hash.hpp"
#include "core/base/secret.hpp"

namespace gateway {

struct partition {
  digest id{};
  friend bool operator==(const partition&, const partition&) = default;
};

boost::system::result<partition, fault> partition_of(std::string_view authorization, const fingerprint_key& key);

// Remembers the last Authorization value of one connection and what came of it: clients repeat it on every request, and hashing
// it again costs as much as everything else a hit does.
class partition_memo {
public:
  boost::system::result<partition, fault> find(std::string_view authorization, const fingerprint_key& key);

private:
  secret seen_;  // empty: nothing remembered
  partition partition_;
};

}  // namespace gateway
