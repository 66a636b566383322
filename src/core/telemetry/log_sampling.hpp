// Which requests are logged: in a line of the access log, in the recorder, in both or in neither; and how many requests a line represents.
// Thread rule: a sampler belongs to one worker. Randomness is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/telemetry/request_record.hpp"

namespace gateway {

enum class access_log : std::uint8_t { all, errors_and_slow, none };

// Why a request is worth recording. Slow comes before failed, so that many quick refusals do not displace slow requests.
enum class noteworthy : std::uint8_t { slow, failed, sampled };
inline constexpr std::size_t noteworthy_count = 3;

struct log_decision {
  std::uint32_t line = 0;         // the weight of its line in the access log; 0: no line
  std::optional<noteworthy> why;  // set: the recorder stores it
  std::uint32_t weight = 1;       // how many requests it represents there
};

struct log_policy {
  access_log access = access_log::errors_and_slow;
  std::uint64_t sample = 0;  // one in so many of the requests that are neither slow nor failed; 0: none
  std::chrono::nanoseconds slow_after = std::chrono::seconds{1};
};

class log_sampler {
public:
  explicit log_sampler(const log_policy& policy) : policy_(policy) {}

  // `random` is called now and then for 64 random bits.
  template <class Random>
  log_decision choose(const request_record& record, Random&& random) {
    log_decision choice;
    // Being held is no slowness.
    if (record.hops.total() - record.hops.spent(hop::hold) >= policy_.slow_after) {
      choice.why = noteworthy::slow;
    } else if (record.status >= 500 || record.ended == outcome::shed) {
      choice.why = noteworthy::failed;
    } else if (takes_a_sample(random)) {
      choice.why = noteworthy::sampled;
      choice.weight = static_cast<std::uint32_t>(policy_.sample);
    }
    if (policy_.access == access_log::all) {
      choice.line = 1;
    } else if (policy_.access == access_log::errors_and_slow && choice.why) {
      choice.line = choice.weight;
    }
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
  std::uint64_t left_ = 0;  // requests until the next sample, including that one
};

}  // namespace gateway
