#include "core/auth/partition.hpp"

#include <string>

#include "core/auth/credentials.hpp"
#include "core/base/ids.hpp"

namespace gateway {

// What is fingerprinted begins with its kind ("basic:", "bearer:", "account:", "client:", "shared:"): no two kinds meet in one partition.

boost::system::result<partition, fault> partition_of(std::string_view authorization, const fingerprint_key& key) {
  auto const parsed = parse_authorization(authorization);
  if (!parsed) return parsed.error();
  return partition{fingerprint(key, parsed->canonical.reveal())};
}

partition partition_of_account(std::string_view name, std::string_view credential, const fingerprint_key& key) {
  std::string of{"account:"};
  of.append(name).append(":");
  if (auto const sid = account_sid::parse(credential.substr(0, credential.find(':')))) of += sid->view();
  return partition{fingerprint(key, of)};
}

partition partition_of_client(std::string_view name, const fingerprint_key& key) {
  return partition{fingerprint(key, std::string{"client:"}.append(name))};
}

partition shared_partition(const fingerprint_key& key) { return partition{fingerprint(key, "shared:")}; }

}  // namespace gateway
