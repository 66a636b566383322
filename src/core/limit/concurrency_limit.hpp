// The adaptive concurrency limit of one account, learnt from the upstream's refusals: additive increase, multiplicative decrease (AIMD)
// with a memory. A level at which a whole round succeeded is proven: a refusal at one more falls back to it instead of halving. The
// refused level is tried again only after a pause, which doubles each time. Plain AIMD would be refused every few round trips for ever.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
// Source: Twilio limits concurrent requests per account, does not say how many, answers 429/20429 beyond, and reports the account's
// load in Twilio-Concurrent-Requests (a refused request: the load that was too much, that request included).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class concurrency_limit {
public:
  static constexpr std::chrono::seconds first_pause{1};
  static constexpr std::chrono::seconds longest_pause{30};

  // One answered exchange: its number in the order of sending, the number of the newest exchange, the exchanges in flight when it was
  // sent, and the account's load that the upstream reported.
  struct observation {
    std::uint64_t sent = 0;
    std::uint64_t newest = 0;
    std::uint64_t in_flight = 0;
    std::optional<std::uint64_t> reported{};
    std::uint64_t answers = 1;  // more: the sum of so many exchanges, with the most that were in flight
  };

  // What it has learnt, in a form that a fleet shares (budget_share). A limit that is at the operator's maximum is not a refused one.
  struct memory {
    std::uint64_t limit = 0;
    std::uint64_t proven = 0;
    std::uint64_t step = 1;
    std::uint64_t elsewhere = 0;
    std::uint64_t account_limit = 0;
    std::uint64_t refused_at = 0;
    std::uint64_t refused_mark = 0;
    std::chrono::milliseconds try_again_in{0};  // from the moment at which it was taken
    std::chrono::milliseconds pause{first_pause};
    bool operator==(const memory&) const = default;
  };

  // Starts at `most`, the operator's setting, and never exceeds it.
  explicit concurrency_limit(std::uint64_t most) : most_(most), limit_(most) {}
  // A changed setting. A limit that was at the maximum stays at the maximum; a lower one stays where it is.
  void set_most(std::uint64_t most) {
    limit_ = limit_ == most_ ? most : std::min(limit_, most);
    most_ = most;
  }

  [[nodiscard]] std::uint64_t now() const;
  // Returns true if a round has ended with it.
  bool accepted(const observation& what, mono_time now);
  // At most one decrease per round trip. Returns true if the limit was decreased.
  bool refused(const observation& what, mono_time now);

  [[nodiscard]] memory remembered(mono_time now) const;
  // Exchanges up to number `round_from` say nothing about this level.
  void recall(const memory& known, std::uint64_t round_from, mono_time now);
  // Learns anew from this level, with exchanges after number `newest`. The level that was refused last is still not tried before its time.
  void restart_at(std::uint64_t level, std::uint64_t newest);
  // If `other` was refused at the same level, that is not tried again before its time there.
  void wait_as(const concurrency_limit& other);

private:
  void begin_round(std::uint64_t newest);
  void end_round(std::uint64_t newest, mono_time now);

  std::uint64_t most_;
  std::uint64_t limit_;
  // A round: as many answers to exchanges of this level as the level allows at once.
  std::uint64_t round_from_ = 0;                  // exchanges up to this number belong to an earlier round
  std::uint64_t accepted_ = 0;                    // in this round
  bool filled_ = false;                           // the level was reached in this round, so the round tests it
  std::optional<std::uint64_t> least_elsewhere_;  // in this round: the smallest load that was not ours
  std::uint64_t elsewhere_ = 0;                   // the same, of the last round
  std::uint64_t proven_ = 0;                      // the highest level at which a whole round succeeded; 0: unknown
  std::uint64_t step_ = 1;                        // the next increase
  bool restarted_ = false;                        // below refused_at_ because it learns anew, not because of a refusal
  std::uint64_t refused_at_ = 0;                  // the level that was refused; 0: none
  std::uint64_t refused_mark_ = 0;                // the newest exchange at the last decrease
  std::uint64_t account_limit_ = 0;               // the account's limit according to a refusal; 0: unknown
  mono_time try_again_{};                         // refused_at_ is not tried before
  std::chrono::nanoseconds pause_ = first_pause;
};

}  // namespace gateway
