// Whether a client that may see the calls of some accounts only (credentials.clients[].subaccounts) may be given an answer: from memory, of
// a flight, from the second tier, stale or held back. Every answer passes here, so it does not matter where it is kept.
// Thread rule: pure functions.
#pragma once

#include <optional>

#include "core/auth/client_rights.hpp"
#include "core/base/fault.hpp"
#include "core/cache/entry.hpp"

namespace gateway {

// The refusal; nothing: the account may be seen. `whose`: nothing if it is not known.
inline std::optional<fault> refusal_of(const std::optional<account_sid>& whose, const client_rights& of) {
  if (of.sees_all()) return std::nullopt;
  if (!whose) return fault::account_unknown;  // defence: unnamed-account
  return of.sees(*whose) ? std::nullopt : std::optional{fault::other_account};
}

// `of`: null in mode forward. An error is the upstream's word about the request, and holds nothing of a call.
inline std::optional<fault> refusal_of(const entry& answer, const client_rights* of) {
  if (of == nullptr || of->sees_all() || answer.status >= 400) return std::nullopt;
  return refusal_of(answer.account, *of);
}

}  // namespace gateway
