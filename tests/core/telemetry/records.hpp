// Records of answered requests, for tests of counters and sampling.
#pragma once

#include "core/telemetry/request_record.hpp"

namespace gateway {

inline request_record record(outcome ended, int status, std::chrono::nanoseconds took) {
  request_record made;
  made.ended = ended;
  made.status = status;
  made.hops = hop_ledger{hop::lookup, mono_time{}};
  made.hops.stop(mono_time{} + took);
  return made;
}

}  // namespace gateway
