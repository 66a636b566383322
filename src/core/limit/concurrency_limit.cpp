#include "core/limit/concurrency_limit.hpp"

#include <algorithm>

namespace gateway {

// Other programs of the account use a part of its limit. Counting them here avoids a refusal.
std::uint64_t concurrency_limit::now() const {
  if (account_limit_ == 0 || elsewhere_ == 0) return limit_;
  auto const left = account_limit_ > elsewhere_ ? account_limit_ - elsewhere_ : 1;
  return std::min(limit_, left);
}

void concurrency_limit::begin_round(std::uint64_t newest) {
  round_from_ = newest;
  accepted_ = 0;
  filled_ = false;
  least_elsewhere_.reset();
}

bool concurrency_limit::accepted(const observation& what, mono_time now) {
  if (what.sent <= round_from_) return false;
  accepted_ += what.answers;
  filled_ = filled_ || what.in_flight >= limit_;
  if (what.reported) {
    auto const elsewhere = *what.reported > what.in_flight ? *what.reported - what.in_flight : 0;
    least_elsewhere_ = std::min(least_elsewhere_.value_or(elsewhere), elsewhere);
    if (*what.reported > account_limit_) account_limit_ = 0;
  }
  if (accepted_ < this->now()) return false;
  end_round(what.newest, now);
  return true;
}

void concurrency_limit::end_round(std::uint64_t newest, mono_time now) {
  elsewhere_ = least_elsewhere_.value_or(0);
  if (filled_) {
    proven_ = limit_;
    if (refused_at_ != 0 && limit_ >= refused_at_) {  // the refused level succeeds now
      refused_at_ = 0;
      pause_ = first_pause;
    }
    bool const may_grow = limit_ < most_ && (refused_at_ == 0 || limit_ + 1 < refused_at_ || now >= try_again_);
    if (may_grow) {
      bool const tries_refused = refused_at_ != 0 && limit_ + 1 >= refused_at_;
      limit_ = std::min(limit_ + step_, refused_at_ == 0 || tries_refused ? most_ : refused_at_ - 1);
      // Steps double while no level was refused, and up to a level that was proven before a restart; after a refusal they are small.
      bool const is_far = refused_at_ == 0 || (restarted_ && limit_ + 1 < refused_at_);
      step_ = is_far ? std::min(step_ * 2, most_) : 1;
      account_limit_ = 0;
    }
  }
  begin_round(newest);
}

bool concurrency_limit::refused(const observation& what, mono_time now) {
  if (what.sent <= refused_mark_) return false;
  restarted_ = false;
  if (proven_ >= limit_) proven_ = 0;  // the proven level is refused now
  bool const one_too_many = proven_ != 0 && proven_ + 1 == limit_;
  pause_ = one_too_many ? std::min<std::chrono::nanoseconds>(pause_ * 2, longest_pause) : first_pause;
  try_again_ = now + pause_;
  refused_at_ = limit_;
  auto const half = std::max<std::uint64_t>(limit_ / 2, 1);
  auto lower = proven_ != 0 ? proven_ : half;
  if (what.reported && *what.reported > 0) {
    account_limit_ = *what.reported - 1;
    // The reported load was too much for the account, so one less may be right at once. One step never goes below half.
    if (proven_ == 0 && account_limit_ < limit_) lower = std::max(account_limit_, half);
  }
  limit_ = std::max<std::uint64_t>(lower, 1);
  step_ = 1;
  refused_mark_ = what.newest;
  begin_round(what.newest);
  return true;
}

concurrency_limit::memory concurrency_limit::remembered(mono_time now) const {
  memory known;
  known.limit = limit_;
  known.proven = proven_;
  known.step = step_;
  known.elsewhere = elsewhere_;
  known.account_limit = account_limit_;
  known.refused_at = refused_at_;
  known.refused_mark = refused_mark_;
  known.try_again_in = std::chrono::ceil<std::chrono::milliseconds>(std::max<std::chrono::nanoseconds>(try_again_ - now, {}));
  known.pause = std::chrono::ceil<std::chrono::milliseconds>(pause_);
  return known;
}

void concurrency_limit::recall(const memory& known, std::uint64_t round_from, mono_time now) {
  limit_ = std::clamp<std::uint64_t>(known.limit, 1, most_);
  proven_ = std::min(known.proven, most_);
  step_ = std::clamp<std::uint64_t>(known.step, 1, most_);
  elsewhere_ = known.elsewhere;
  account_limit_ = known.account_limit;
  refused_at_ = known.refused_at;
  refused_mark_ = known.refused_mark;
  pause_ = std::clamp<std::chrono::nanoseconds>(known.pause, first_pause, longest_pause);
  try_again_ = now + std::clamp<std::chrono::nanoseconds>(known.try_again_in, std::chrono::nanoseconds{0}, longest_pause);
  begin_round(round_from);
}

void concurrency_limit::restart_at(std::uint64_t level, std::uint64_t newest) {
  auto const known = *this;
  *this = concurrency_limit{most_};
  limit_ = std::clamp<std::uint64_t>(level, 1, most_);
  refused_at_ = known.refused_at_;
  try_again_ = known.try_again_;
  pause_ = known.pause_;
  restarted_ = true;
  refused_mark_ = newest;
  begin_round(newest);
}

void concurrency_limit::wait_as(const concurrency_limit& other) {
  if (other.refused_at_ != refused_at_ || other.try_again_ <= try_again_) return;
  try_again_ = other.try_again_;
  pause_ = std::max(pause_, other.pause_);
  limit_ = std::clamp<std::uint64_t>(refused_at_ - 1, 1, limit_);  // perhaps it was just trying that level
}

}  // namespace gateway
