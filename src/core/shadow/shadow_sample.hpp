// What other policies would have done, from a sample of the calls (SHARDS: Waldspurger, Park, Garthwaite, Ahmad, FAST 2015, with a fixed
// number of sampled calls). A call is in the sample if a hash of it is below a threshold, so all its requests are. When the sample is full,
// the threshold falls to the largest hash in it. Until then every call is in it, and nothing is estimated.
// Cost rule: memory is bounded by most_calls and most_entries. Taking a sighting is O(policies).
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "core/shadow/policy_replay.hpp"

namespace gateway {

// Where the call is among all calls. The cache's tables use other bits of the same keyed hash.
constexpr std::uint64_t place_in_sample(std::uint64_t call_bits) { return call_bits * 0x9E37'79B9'7F4A'7C15U; }

class shadow_sample {
public:
  static constexpr std::size_t most_calls = 12'288;  // sampled at once
  static constexpr std::chrono::seconds longest_repeat{30};
  static constexpr std::size_t most_entries = 24'576;  // of one policy: a call has one for each credential that may not share

  // `since`: what was stored before is taken over as it is.
  shadow_sample(const std::vector<shadow_policy>& policies, mono_time since);

  // Sightings come in the order of their moments. What is not in the sample any more is ignored.
  void take(sighting seen);
  // Calls that no policy would hold need no place.
  void forget_unheld();
  void purge(std::uint64_t call);
  void purge_all();

  // Calls whose place is below are in the sample.
  [[nodiscard]] std::uint64_t threshold() const { return threshold_; }
  [[nodiscard]] double rate() const { return rate_; }
  // Repeated hits of a credential within this time need not be shown. It is short against all that has been seen, and against the time
  // in which an answer becomes old or is evicted.
  [[nodiscard]] std::chrono::milliseconds repeats_within() const;
  [[nodiscard]] std::size_t calls() const { return calls_.size(); }
  [[nodiscard]] const std::vector<policy_replay>& policies() const { return policies_; }

private:
  struct sampled_call {
    std::uint64_t bits = 0;  // cache_key::call_bits
    std::uint64_t all = 0;   // the last sighting::all of its summary
  };
  void lower_threshold();
  [[nodiscard]] bool is_full() const;

  std::vector<policy_replay> policies_;
  std::map<std::uint64_t, sampled_call> calls_;  // by their place in the sample
  mono_time since_;
  mono_time seen_until_;  // the last sighting's moment
  std::uint64_t threshold_ = ~std::uint64_t{0};
  double rate_ = 1;
};

// The estimate for all `requests` that were seen, sampled or not. A sample seldom has its share of the calls that are asked for most; what
// it has too few or too many of them are hits (SHARDS-adj).
double hit_ratio(const shadow_count& counted, double requests);

}  // namespace gateway
