// The last few values that one thread has put: it never waits, and others may look at any time.
// Thread rule: one writer, any reader (seqlocked says why and how).
#pragma once

#include "core/telemetry/seqlocked.hpp"

namespace gateway {

template <class Value, std::size_t Places>
class record_ring {
public:
  void put(const Value& one) { places_[next_++ % Places].put(one); }

  // Calls use(value) for each, in no order. One that is overwritten again and again while it is read is left out.
  template <class Use>
  void read(Use&& use) const {
    for (auto const& place : places_) {
      if (auto const one = place.get()) use(*one);
    }
  }

private:
  std::array<seqlocked<Value>, Places> places_;
  std::uint64_t next_ = 0;  // the writer's own
};

}  // namespace gateway
