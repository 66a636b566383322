// The last few values that one thread has put. Writing never waits, and other threads may read at any time.
// Thread rule: one writer, any reader (see seqlocked).
#pragma once

#include "core/telemetry/seqlocked.hpp"

namespace gateway {

template <class Value, std::size_t Places>
class record_ring {
public:
  void put(const Value& one) { places_[next_++ % Places].put(one); }

  // Calls use(value) for each value, in no particular order. A value that is overwritten again and again during the read is left out.
  template <class Use>
  void read(Use&& use) const {
    for (auto const& place : places_) {
      if (auto const one = place.get()) use(*one);
    }
  }

private:
  std::array<seqlocked<Value>, Places> places_;
  std::uint64_t next_ = 0;  // only for the writer
};

}  // namespace gateway
