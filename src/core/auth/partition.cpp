#include "core/auth/partition.hpp"

#include "core/base/text.hpp"

#include <string>

namespace gateway {

// The fingerprinted text begins with its kind ("basic:", "bearer:", "account:", "oauth:", "client:", "shared:", "subject:"), so two kinds
// never share a partition.

partition partition_of(const credentials& sent, const fingerprint_key& key) { return partition{fingerprint(key, sent.canonical.reveal())}; }

partition partition_of_account(std::string_view name, std::string_view credential, const fingerprint_key& key) {
  std::string of{"account:"};
  of.append(name).append(":");
  if (auto const sid = account_sid::parse(credential.substr(0, credential.find(':')))) {
    of += sid->view();
  } else if (!credential.empty()) {                   // defence: key-partition
    auto const whole = fingerprint(key, credential);  // avoids another copy of the secret
    of.append(view_of(whole));
  }
  return partition{fingerprint(key, of)};
}

partition partition_of_oauth_account(std::string_view name, std::string_view client_id, const fingerprint_key& key) {
  return partition{fingerprint(key, std::string{"oauth:"}.append(name).append(":").append(client_id))};
}

partition partition_of_client(std::string_view name, const fingerprint_key& key) {
  return partition{fingerprint(key, std::string{"client:"}.append(name))};
}

partition subject_partition(const digest& subject, const account_sid& whose, const fingerprint_key& key) {
  return partition{fingerprint(key, std::string{"subject:"}.append(whose.view()).append(view_of(subject)))};
}

partition shared_partition(const account_sid& whose, const fingerprint_key& key) {
  return partition{fingerprint(key, std::string{"shared:"}.append(whose.view()))};
}

}  // namespace gateway
