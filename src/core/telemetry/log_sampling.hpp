// Which requests are logged: in a line of the access log, in the recorder, in both or in neither; and how many requests a line represents.
// Thread rule: a sampler belongs to one worker. Randomness is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/telemetry/line_budget.hpp"
#include "core/telemetry/request_record.hpp"

namespace gateway {

enum class access_log : std::uint8_t { all, errors_and_slow, none };

// Why a request is recorded. failed: its status is 500 or above, or it was shed. refused: the gateway rejected it; that alone gives it
// neither a line nor a span.
enum class noteworthy : std::uint8_t { slow, failed, refused, sampled };

struct log_decision {
  std::uint32_t line = 0;         // the weight of its line in the access log; 0: no line
  std::optional<noteworthy> why;  // set: the recorder stores it
  std::uint32_t weight = 1;       // how many requests it represents there
};

struct log_policy {
  access_log access = access_log::errors_and_slow;
  std::uint64_t sample = 0;  // one in so many of the requests that are neither slow nor failed; 0: none
  std::chrono::nanoseconds slow_after = std::chrono::seconds{1};
  std::uint64_t lines_per_fault = 0;  // in a second, with errors_and_slow; 0: no bound
};

class log_sampler {
public:
  explicit log_sampler(const log_policy& policy) : policy_(policy), budget_(policy.lines_per_fault) {}

  // `random` is called now and then for 64 random bits.
  template <class Random>
  log_decision choose(const request_record& record, Random&& random) {
    log_decision choice;
    if (record.status >= 500 || record.ended == outcome::shed) {
      choice.why = noteworthy::failed;
      choice.line = budget_.take(record.why, record.hops.until());
    } else if (record.hops.total() - record.hops.spent(hop::hold) >= policy_.slow_after) {  // being held is no slowness
      choice.why = noteworthy::slow;
      choice.line = 1;
    } else {
      bool const sampled = takes_a_sample(random);
      if (sampled) choice.line = static_cast<std::uint32_t>(policy_.sample);
      if (record.ended == outcome::rejected) {
        choice.why = noteworthy::refused;
      } else if (sampled) {
        choice.why = noteworthy::sampled;
        choice.weight = choice.line;
      }
    }
    if (policy_.access != access_log::errors_and_slow) choice.line = policy_.access == access_log::all ? 1 : 0;
    return choice;
  }

private:
  // Gaps are random, with `sample` as their mean, so that periodic requests are sampled as often as all others.
  template <class Random>
  bool takes_a_sample(Random&& random) {
    if (policy_.sample == 0) return false;
    if (left_ == 0) left_ = 1 + random() % (2 * policy_.sample - 1);
    return --left_ == 0;
  }

  log_policy policy_;
  line_budget budget_;
  std::uint64_t left_ = 0;  // requests until the next sample, including that one
};

}  // namespace gateway
