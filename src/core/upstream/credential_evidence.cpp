#include "core/upstream/credential_evidence.hpp"

namespace gateway {
namespace {

// By code if there is one, because the statuses of several codes are undocumented. Twilio checks the credential before it sends any of
// these.
bool is_of_the_authenticated(const verdict& meaning) {
  if (meaning.is == verdict_kind::broken || meaning.is == verdict_kind::throttled) return false;  // defence: throttled-proves-nothing
  switch (meaning.code) {
    case 17000:
    case 17001:
    case 17002:
    case 17007:
    case 20404:
      return true;
    default:
      return meaning.is == verdict_kind::passthrough;
  }
}

}  // namespace

// A 401 or 403 with an unknown code counts as a refusal of the credential.
credential_evidence evidence_of(int status, const verdict& meaning) {
  switch (meaning.is) {
    case verdict_kind::broken:
      return credential_evidence::unchanged;
    case verdict_kind::found:
    case verdict_kind::partial:
      return credential_evidence::proven;
    default:
      break;
  }
  if (is_of_the_authenticated(meaning)) return meaning.code == 17000 ? credential_evidence::call_refused : credential_evidence::accepted;
  bool const refuses = meaning.code == 20003 || meaning.code == 20403 || meaning.code == 70051 || status == 401 || status == 403;
  return refuses ? credential_evidence::refused : credential_evidence::unchanged;
}

std::optional<refusal_scope> refusal_of(int status, const verdict& meaning, resource what) {
  if (meaning.is == verdict_kind::broken || is_of_the_authenticated(meaning)) return std::nullopt;  // defence: call-not-credential
  if (meaning.code == 70051) return refusal_scope::kind;
  if (meaning.code == 20003 || meaning.code == 20403 || status == 401) return refusal_scope::all;
  return status == 403 && what == resource::summary ? std::optional{refusal_scope::kind} : std::nullopt;
}

credential_evidence passthrough_evidence(const verdict& meaning) {
  if (meaning.is == verdict_kind::broken) return credential_evidence::unchanged;
  if (meaning.code == 20003 || meaning.code == 20403) return credential_evidence::refused;
  return is_of_the_authenticated(meaning) ? credential_evidence::accepted : credential_evidence::unchanged;
}

}  // namespace gateway
