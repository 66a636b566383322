// When the gateway asks for another OAuth token of one account. A token is renewed before it ends, so requests wait for a token only at
// the start, after a refusal, or when the endpoint was in trouble for long. At most one refresh is under way; after failures the pauses
// grow.
//
// The upstream may refuse a token before its end (401). The first refusal ends that token: another one is asked for at once. If that one
// is refused, too, the account itself is refused, and further tokens are asked for at the pace of failures.
// Thread rule: none of its own; the owner locks (app/state/upstream_tokens). Time rule: moments and chance in [0, 1) are arguments.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/limit/circuit.hpp"

namespace gateway {

class token_schedule {
public:
  static constexpr backoff_policy pauses{std::chrono::seconds{1}, std::chrono::seconds{60}};
  static constexpr std::chrono::nanoseconds longest_margin = std::chrono::minutes{5};
  static constexpr std::chrono::nanoseconds shortest_use = std::chrono::milliseconds{500};

  // The first refresh is due at once.
  explicit token_schedule(mono_time now) : due_(now) {}

  // The next refresh may begin then; never while one is under way.
  [[nodiscard]] mono_time due() const { return refreshing_ ? mono_time::max() : due_; }
  [[nodiscard]] bool has_token(mono_time now) const { return now < until_; }
  // The moment when the token in use ends; in the past if there is none.
  [[nodiscard]] mono_time until() const { return until_; }
  // Whether a token may come soon: a refresh is under way, or due now.
  [[nodiscard]] bool is_awaited(mono_time now) const { return refreshing_ || now >= due_; }

  void begin(mono_time now) {
    refreshing_ = true;
    begun_at_ = now;
  }
  // Both end the refresh. `at_least`: the pause that the endpoint asked for.
  void note_issued(std::chrono::nanoseconds lifetime, double chance, mono_time now);
  void note_failed(std::chrono::nanoseconds at_least, double chance, mono_time now);

  // The upstream has refused a token with a 401.
  enum class refusal : std::uint8_t {
    ended,    // only that token: the same request may be repeated with another one
    account,  // another token was refused before, and none was accepted since
  };
  // `asked_at`: when the request was sent.
  refusal note_refused(mono_time asked_at, double chance, mono_time now);
  void note_accepted(mono_time asked_at) {
    if (asked_at >= issued_at_) refusals_ = 0;
  }
  // Whether tokens of this account were refused in a row.
  [[nodiscard]] bool is_refused() const { return refusals_ > 1; }

  // The client has another secret: a refresh is due at once. The token in use stays in use.
  void try_now(mono_time now) {
    failures_ = 0;
    refusals_ = 0;
    due_ = now;
    again_ = refreshing_;
  }

private:
  static constexpr mono_time none = mono_time::min();

  bool refreshing_ = false;
  bool again_ = false;  // another refresh is due when this one has ended
  mono_time begun_at_{};
  mono_time issued_at_ = none;
  mono_time until_ = none;
  mono_time due_;
  unsigned failures_ = 0;  // refreshes in a row
  unsigned refusals_ = 0;  // tokens in a row that the upstream refused
};

}  // namespace gateway
