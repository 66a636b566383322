#include "core/upstream/standing.hpp"

namespace gateway {

// By code where there is one: the statuses of several codes are undocumented. A 401 or 403 without a code that we know is taken for
// the worst.
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
  switch (meaning.code) {
    case 17000:
      return standing::call_refused;
    case 20003:
    case 20403:
    case 70051:
      return standing::refused;
    case 17001:
    case 17002:
    case 17007:
    case 20404:
      return standing::unchanged;  // about the call, whatever the status
    default:
      return status == 401 || status == 403 ? standing::refused : standing::unchanged;
  }
}

standing standing_beside(const verdict& meaning) {
  return meaning.code == 20003 || meaning.code == 20403 ? standing::refused : standing::unchanged;
}

}  // namespace gateway
