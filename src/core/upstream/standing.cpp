#include "core/upstream/standing.hpp"

namespace gateway {
namespace {

// By code where there is one: the statuses of several codes are undocumented. Twilio looks at the credential before it says any of these.
bool is_of_the_authenticated(const verdict& meaning) {
  if (meaning.is == verdict_kind::broken || meaning.is == verdict_kind::throttled) return false;
  switch (meaning.code) {
    case 17000:
    case 17001:
    case 17002:
    case 17007:
    case 20404:
      return true;
    default:
      return meaning.is == verdict_kind::relayed;
  }
}

}  // namespace

// A 401 or 403 without a code that we know is taken for the worst.
standing standing_of(int status, const verdict& meaning) {
  switch (meaning.is) {
    case verdict_kind::broken:
      return standing::unchanged;
    case verdict_kind::found:
    case verdict_kind::partial:
      return standing::proven;
    default:
      break;
  }
  if (is_of_the_authenticated(meaning)) return meaning.code == 17000 ? standing::call_refused : standing::accepted;
  bool const refuses = meaning.code == 20003 || meaning.code == 20403 || meaning.code == 70051 || status == 401 || status == 403;
  return refuses ? standing::refused : standing::unchanged;
}

standing standing_beside(const verdict& meaning) {
  if (meaning.is == verdict_kind::broken) return standing::unchanged;
  if (meaning.code == 20003 || meaning.code == 20403) return standing::refused;
  return is_of_the_authenticated(meaning) ? standing::accepted : standing::unchanged;
}

}  // namespace gateway
