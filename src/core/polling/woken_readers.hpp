// Which readers that are held for a call an answer of the upstream wakes.
// Thread rule: values.
#pragma once

#include <cstdint>

#include "core/cache/entry.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

enum class woken_readers : std::uint8_t {
  none,     // not ready still, or it says nothing about the call
  partial,  // a partial summary: those that take one
  all,      // a complete summary, or a refusal that waiting does not change
};

constexpr woken_readers woken_by(verdict_kind meaning) {
  switch (meaning) {
    case verdict_kind::found:
    case verdict_kind::permanent:
    case verdict_kind::refused:
    case verdict_kind::rejected:
      return woken_readers::all;
    case verdict_kind::partial:
      return woken_readers::partial;
    default:
      return woken_readers::none;
  }
}

// The same for an answer that was stored before.
constexpr woken_readers woken_by(answer_kind kind) {
  return kind == answer_kind::complete || kind == answer_kind::permanent ? woken_readers::all : woken_readers::none;
}

}  // namespace gateway
