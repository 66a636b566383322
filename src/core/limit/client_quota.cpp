#include "core/limit/client_quota.hpp"

#include <algorithm>

namespace gateway {

using kind = quota_decision::kind;

void client_quota::set_rule(const quota_rule& next) {
  if (next == rule_) return;
  if (next.per != rule_.per) {  // defence: quota-kept
    by_engine_ = false;
    begin(0, mono_time::min());
  } else {  // the engine gave what it had by the other number
    holds_ = std::min(holds_, used_);
    has_word_ = refused_ = false;
    tells_ = used_ > 0;
  }
  rule_ = next;
}

void client_quota::set_fleet(const fleet_state& fleet) {
  bool const returns = fleet.now == fleet_state::is::shared && !is_shared();
  fleet_ = fleet;
  if (!returns) return;
  has_word_ = false;
  tells_ = used_ > 0;
}

// Of this gateway in a window, without the engine.
std::uint64_t client_quota::allowance() const {
  if (fleet_.now == fleet_state::is::none) return rule_.calls;
  auto const part = std::max<std::uint64_t>(rule_.calls / std::max<std::uint64_t>(fleet_.members, 1), 1);  // defence: quota-part
  return std::max(part, holds_);
}

std::int64_t client_quota::window_at(wall_time wall) const {
  auto const since = wall.time_since_epoch();
  return since / rule_.per - (since % rule_.per < since.zero() ? 1 : 0);
}

void client_quota::begin(std::int64_t window, mono_time ends) {
  window_ = window;
  ends_ = ends;
  used_ = holds_ = left_ = granted_ = taken_ = 0;
  refused_ = has_word_ = tells_ = returns_ = false;
  ask_again_ = {};
}

// Without a fleet, a wall clock that is set forward begins a window, too: an operator who sets it wants that. In a fleet the windows are
// the engine's, and are counted on from its last word.
void client_quota::enter_window(const instant& now) {
  if (fleet_.now == fleet_state::is::none) by_engine_ = false;
  if (by_engine_) {
    if (now.mono < ends_) return;
    auto const over = (now.mono - ends_) / rule_.per + 1;
    return begin(window_ + over, ends_ + over * rule_.per);
  }
  auto number = window_at(now.wall);
  bool const is_later = number > window_ && fleet_.now == fleet_state::is::none;  // defence: quota-window-alone
  if (now.mono < ends_ && !is_later) return;                                      // defence: quota-window
  // The wall clock is a moment behind the monotonic one: this window has ended.
  if (number == window_ && ends_ != mono_time::min()) ++number;
  wall_time const end{(number + 1) * rule_.per};
  begin(number, now.mono + (end - now.wall));
}

quota_decision client_quota::judge(mono_time now, bool alone) const {
  quota_decision made;
  made.rule = rule_;
  made.resets_in = ends_ - now;
  made.window = window_;
  if (is_shared() && !alone) {
    made.left = has_word_ ? left_ + unused() : rule_.calls - std::min(rule_.calls, used_);
    bool const asks = !has_word_ || left_ > 0 || now >= ask_again_;
    made.is = unused() > 0 ? kind::allowed : asks ? kind::unknown : kind::refused;  // defence: quota-engine
  } else {
    auto const most = allowance();
    made.left = most > used_ ? most - used_ : 0;
    made.is = made.left > 0 ? kind::allowed : kind::refused;  // defence: quota-counted
  }
  made.is_first = made.is == kind::refused && !refused_;
  return made;
}

quota_decision client_quota::take(const instant& now, bool alone) {
  enter_window(now);
  auto made = judge(now.mono, alone);
  if (made.is == kind::allowed) {
    ++used_;
    ++taken_;
    is_idle_ = false;
    made.left -= std::min<std::uint64_t>(made.left, 1);
  }
  refused_ = refused_ || made.is == kind::refused;
  return made;
}

quota_decision client_quota::look(const instant& now) const {
  auto copy = *this;
  copy.enter_window(now);
  return copy.judge(now.mono, false);
}

void client_quota::give_back(std::int64_t window) {
  if (window == window_ && used_ > 0) --used_;
}

bool client_quota::has_report(std::uint64_t waiting) const {
  if (!is_shared()) return false;
  if (leaves_) return unused() > 0 || tells_;  // defence: quota-left-behind
  return waiting > 0 || tells_ || returns_ || runs_low();
}

quota_report client_quota::report(std::uint64_t waiting) {
  quota_report made;
  made.window = window_;
  if (!leaves_ && (waiting > 0 || runs_low())) {
    made.wanted = waiting;
    made.ahead = std::min(2 * taken_, most_ahead);
  } else if (leaves_ || returns_) {
    holds_ = std::min(holds_, used_);  // until the reply, none of what is given back is used
  }
  made.holds = std::max(holds_, used_);
  taken_ = 0;
  tells_ = returns_ = false;
  return made;
}

void client_quota::take_word(const quota_word& word, mono_time asked_at, mono_time now) {
  auto const ends = asked_at + std::min<std::chrono::nanoseconds>(word.ends_in, 2 * rule_.per);
  if (ends <= now) return;  // a reply about a window that has ended
  // This gateway's window began a moment before the engine's, by the time that a word is under way. It asks again.
  if (by_engine_ && word.window + 1 == window_ && word.ends_in <= most_early) return;  // defence: quota-early
  by_engine_ = true;
  if (word.window != window_) begin(word.window, ends);
  ends_ = ends;
  holds_ = std::min(word.holds, rule_.calls);
  left_ = std::min(word.left, rule_.calls);
  has_word_ = true;
  granted_ = unused();
  ask_again_ = left_ == 0 ? now + ask_pause : mono_time{};
}

void client_quota::beat() {
  if (is_shared() && is_idle_ && unused() > 0) returns_ = true;  // defence: quota-given-back
  is_idle_ = true;
  // An engine that evicted the count hears it again.
  if (is_shared() && used_ > 0 && ++beats_ % beats_to_tell == 0) tells_ = true;
}

}  // namespace gateway
