#include "core/auth/partition.hpp"

#include "core/auth/credentials.hpp"

namespace gateway {

boost::system::result<partition, fault> partition_of(std::string_view authorization, const fingerprint_key& key) {
  auto const parsed = parse_authorization(authorization);
  if (!parsed) return parsed.error();
  return partition{fingerprint(key, parsed->canonical.reveal())};
}

boost::system::result<partition, fault> partition_memo::find(std::string_view authorization, const fingerprint_key& key) {
  if (!seen_.empty() && seen_.same_as(authorization)) return partition_;
  auto const found = partition_of(authorization, key);
  if (found) {
    seen_.assign(authorization);
    partition_ = *found;
  }
  return found;
}

}  // namespace gateway
