// A set of cached answers that are seen together: those of one credential, of one upstream account, or of everybody with a grant.
// Named by a keyed fingerprint, which cannot be turned back into a secret; its key is drawn at random and leaves the process only in a
// snapshot, so nobody outside can tell how two partitions compare, and comparing them needs no constant time.
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
  // For tables. A fingerprint's bits are as good as random already, and nobody outside can choose or see them: they need no other hash.
  [[nodiscard]] std::uint64_t bits() const {
    std::uint64_t first = 0;
    std::memcpy(&first, id.data(), sizeof first);
    return first;
  }
  friend bool operator==(const partition&, const partition&) = default;
};

// Mode forward: a partition for each credential, however it was spelt.
partition partition_of(const credentials& sent, const fingerprint_key& key);

// Mode inject: a partition for each upstream account. An account sid in its credential is part of it, so that a new secret of it keeps the
// entries, and those of another account are out of reach. A key or a bearer token does not say whose it is: each is part of it as a whole
// (core/auth/successions says what becomes of the entries of the one before).
partition partition_of_account(std::string_view name, std::string_view credential, const fingerprint_key& key);

// Mode inject: one of the account's clients, for bounds per client; no entry is filed there.
partition partition_of_client(std::string_view name, const fingerprint_key& key);

// With sharing: grants, the one in which the bodies of an account are stored once for all who may see them.
partition shared_partition(const account_sid& whose, const fingerprint_key& key);

}  // namespace gateway
