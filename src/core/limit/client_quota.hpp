// One client's quota, as one gateway counts it. Its windows are those of the clock: multiples of their length since 1970 in UTC. So an
// operator knows when one begins, and a refused client can be told when it is served again. A window that has begun ends by the monotonic
// clock.
// In a fleet the engine counts (core/fleet/shared_quota): this gateway uses the calls that the engine gave it, takes some ahead while there
// are plenty, and gives back what it does not need. While the engine is away, it has its part of the quota alone.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/limit/quota_rule.hpp"
#include "core/limit/upstream_limiter.hpp"

namespace gateway {

struct quota_decision {
  // unknown: the engine has to be asked.
  enum class kind : std::uint8_t { allowed, refused, unknown } is = kind::allowed;
  quota_rule rule{};                      // none: the client has no quota
  std::uint64_t left = 0;                 // in a fleet: of all gateways, as the engine said last
  std::chrono::nanoseconds resets_in{0};  // until the next window
  std::int64_t window = 0;                // allowed: that the call counts in
  bool is_first = false;                  // refused: for the first time in this window
};

// What a gateway says to the engine.
struct quota_report {
  std::int64_t window = 0;
  std::uint64_t holds = 0;   // calls of that window that are this gateway's, used or not
  std::uint64_t wanted = 0;  // further ones, for requests that wait
  std::uint64_t ahead = 0;   // and so many beyond these, if there are plenty
};

// What the engine replies.
struct quota_word {
  std::int64_t window = 0;
  std::uint64_t holds = 0;               // of this gateway from now on, the used ones included
  std::uint64_t left = 0;                // that no gateway holds
  std::chrono::milliseconds ends_in{0};  // the window
};

class client_quota {
public:
  // So long none is asked for again after the engine had none.
  static constexpr std::chrono::seconds ask_pause{1};
  static constexpr std::uint64_t most_ahead = 1000;
  static constexpr unsigned beats_to_tell = 10;
  // A gateway's window may begin so long before the engine's.
  static constexpr std::chrono::seconds most_early{2};
  // With fewer calls left, none is taken ahead.
  static constexpr std::uint64_t plenty = 16;

  explicit client_quota(const quota_rule& rule) : rule_(rule) {}

  [[nodiscard]] const quota_rule& rule() const { return rule_; }
  // While the length of the windows stays the same, what was used stays used.
  void set_rule(const quota_rule& next);
  void set_fleet(const fleet_state& fleet);

  // Allowed: one call is used. `alone`: the engine is not waited for.
  quota_decision take(const instant& now, bool alone = false);
  // What take() would say; nothing is used.
  [[nodiscard]] quota_decision look(const instant& now) const;
  // A call of that window was not made after all.
  void give_back(std::int64_t window);

  // In a fleet: whether there is anything to say to the engine. `waiting`: requests for which take() said unknown.
  [[nodiscard]] bool has_report(std::uint64_t waiting) const;
  [[nodiscard]] quota_report report(std::uint64_t waiting);
  // The reply to a report of `asked_at`.
  void take_word(const quota_word& word, mono_time asked_at, mono_time now);
  // Once a second: what was not used since the time before is given back, and now and then the engine hears what was used.
  void beat();
  // No request comes any more: the next report gives back all that was not used, and none asks for more.
  void leave() { leaves_ = true; }

private:
  [[nodiscard]] bool is_shared() const { return fleet_.now == fleet_state::is::shared; }
  [[nodiscard]] std::uint64_t unused() const { return holds_ > used_ ? holds_ - used_ : 0; }
  [[nodiscard]] bool runs_low() const { return left_ >= plenty && taken_ > 0 && unused() * 4 <= granted_; }
  [[nodiscard]] std::uint64_t allowance() const;
  [[nodiscard]] std::int64_t window_at(wall_time wall) const;
  void enter_window(const instant& now);
  void begin(std::int64_t window, mono_time ends);
  [[nodiscard]] quota_decision judge(mono_time now, bool alone) const;

  quota_rule rule_;
  fleet_state fleet_{};
  std::int64_t window_ = 0;
  mono_time ends_ = mono_time::min();  // of the window; there is none yet
  bool by_engine_ = false;             // the window is one of the engine's
  std::uint64_t used_ = 0;             // by this gateway in this window, as all that follows
  bool refused_ = false;
  std::uint64_t holds_ = 0;    // what the engine gave, used or not
  std::uint64_t left_ = 0;     // that no gateway held, as the engine said last
  bool has_word_ = false;      // of the engine
  mono_time ask_again_{};      // none is left; before then the engine is not asked
  std::uint64_t granted_ = 0;  // unused, when the engine replied last
  std::uint64_t taken_ = 0;    // since the last report
  bool is_idle_ = true;        // no call was taken since the last beat
  bool tells_ = false;         // the engine should hear what this gateway holds
  bool returns_ = false;       // and have back what it has not used
  bool leaves_ = false;        // at once, and for ever
  unsigned beats_ = 0;         // with something used
};

}  // namespace gateway
