// Counters of a gateway that go on counting, and the history that reads them: shared by the tests of history and statistics.
#pragma once

#include <memory>

#include "core/telemetry/history.hpp"

namespace gateway {

struct past {
  std::unique_ptr<worker_counters> counters = std::make_unique<worker_counters>();
  std::unique_ptr<metrics_snapshot> counted = std::make_unique<metrics_snapshot>();
  std::unique_ptr<history> kept = std::make_unique<history>();
  instant now{mono_time{std::chrono::hours{1}}, wall_time{std::chrono::seconds{1'767'918'889}}};

  void answer(outcome ended, std::chrono::nanoseconds took, int times = 1) {
    request_record one;
    one.ended = ended;
    one.status = 200;
    one.hops = hop_ledger{hop::lookup, mono_time{}};
    one.hops.stop(mono_time{} + took);
    while (times-- > 0) account(*counters, one);
  }

  // The history reads the counters `later`.
  void look(std::chrono::nanoseconds later = history::interval) {
    now.mono += later;
    now.wall += later;
    counted->totals = {};
    add_to(counted->totals, *counters);
    kept->add(*counted, now);
  }
};

}  // namespace gateway
