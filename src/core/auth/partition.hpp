// A set of cached answers that are visible together: those of one credential, of one upstream account, or of all credentials with a grant.
// Its id is a keyed fingerprint, which cannot be turned back into a secret. The key is random and leaves the process only in a snapshot. So
// an outsider cannot predict how two ids compare, and comparing them needs no constant time.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/auth/credentials.hpp"
#include "core/base/ids.hpp"
#include "core/base/keyed_hash.hpp"

namespace gateway {

struct partition {
  digest id{};
  // A hash for tables. A fingerprint's bits are as good as random, and outsiders can neither choose nor see them: no other hash is needed.
  [[nodiscard]] std::uint64_t bits() const {
    std::uint64_t first = 0;
    std::memcpy(&first, id.data(), sizeof first);
    return first;
  }
  friend bool operator==(const partition&, const partition&) = default;
};

// Mode forward: a partition for each credential, in whatever spelling it was sent.
partition partition_of(const credentials& sent, const fingerprint_key& key);

// Mode inject: a partition for each upstream account. An account sid in its credential is part of the fingerprint: a new secret of the same
// account keeps the entries, and the entries of another account are out of reach. An API key or a bearer token does not name its account,
// so the whole credential is part of the fingerprint (core/auth/successions decides about the entries of the earlier one).
partition partition_of_account(std::string_view name, std::string_view credential, const fingerprint_key& key);
// The same for an account with OAuth: neither its tokens nor the client's secret are part of the fingerprint, so a refresh and a new secret
// keep the entries.
partition partition_of_oauth_account(std::string_view name, std::string_view client_id, const fingerprint_key& key);

// Mode inject: the partition of one client, for limits per client; no entry is stored there.
partition partition_of_client(std::string_view name, const fingerprint_key& key);

// Mode forward, sharing: partition: the partition that stores the bodies of an account once, for all tokens with the same claims to which
// the upstream has shown that account. `subject`: of core/auth/bearer_claims.
partition subject_partition(const digest& subject, const account_sid& whose, const fingerprint_key& key);

// With sharing: grants, the partition that stores the bodies of an account once, for all clients that may see them.
partition shared_partition(const account_sid& whose, const fingerprint_key& key);

}  // namespace gateway
