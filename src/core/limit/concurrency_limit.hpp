// How many exchanges one account may have under way at once, learnt from what the upstream refuses. Additive increase, multiplicative
// decrease, with a memory: a level at which a whole round went well is known to be good, so that one refusal while trying one more
// falls back to it instead of halving; and the level that was refused is tried again only after a while, each time a longer one. A bare
// AIMD would be refused once in every few round trips for ever.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument.
// Source: Twilio limits concurrent requests per account, does not say how many, answers 429/20429 beyond, and reports the account's
// load in Twilio-Concurrent-Requests (of a refused request: the load that was too much, itself included).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class concurrency_limit {
public:
  // What was sent, as the answer to it finds it: its number in the order of sending, that of the newest, how many were under way when
  // it was sent, and what the upstream said the account's load was then.
  struct observation {
    std::uint64_t sent = 0;
    std::uint64_t newest = 0;
    std::uint64_t in_flight = 0;
    std::optional<std::uint64_t> reported{};
  };

  // Starts at `most`, which is the operator's word, and never goes beyond it.
  explicit concurrency_limit(std::uint64_t most) : most_(most), limit_(most) {}
  // Another word of the operator's: who was allowed everything is again, and who was refused goes on from where it is.
  void set_most(std::uint64_t most) {
    limit_ = limit_ == most_ ? most : std::min(limit_, most);
    most_ = most;
  }

  [[nodiscard]] std::uint64_t now() const;
  void accepted(const observation& what, mono_time now);
  // At most one decrease per round trip. True if it was one.
  bool refused(const observation& what, mono_time now);

  static constexpr std::chrono::seconds first_pause{1};
  static constexpr std::chrono::seconds longest_pause{30};

private:
  void begin_round(std::uint64_t newest);
  void end_round(std::uint64_t newest, mono_time now);

  std::uint64_t most_;
  std::uint64_t limit_;
  // A round: as many answers, to what was sent at this level, as the level allows at once.
  std::uint64_t round_from_ = 0;                  // what was sent up to here belongs to an earlier round
  std::uint64_t accepted_ = 0;                    // in this round
  bool filled_ = false;                           // the level was reached in this round, so that it was tried
  std::optional<std::uint64_t> least_elsewhere_;  // in this round: the least that others than us had under way
  std::uint64_t elsewhere_ = 0;                   // the same, of the last round
  std::uint64_t proven_ = 0;                      // the highest level at which a whole round went well; 0: unknown
  std::uint64_t step_ = 1;                        // what the next growth adds
  std::uint64_t refused_at_ = 0;                  // the level that was refused; 0: none
  std::uint64_t refused_mark_ = 0;                // what was newest at the last decrease
  std::uint64_t account_limit_ = 0;               // all that the account may have under way, as far as a refusal told; 0: unknown
  mono_time try_again_{};                         // refused_at_ is not tried before
  std::chrono::nanoseconds pause_ = first_pause;
};

}  // namespace gateway
