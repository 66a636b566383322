#include "core/limit/circuit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway {
namespace {

using event = circuit_report::event;

}  // namespace

std::chrono::nanoseconds backoff_policy::span(unsigned streak, double chance) const {
  auto span = first;
  for (unsigned i = 0; i < streak && span < longest; ++i) span *= 2;
  auto const extra = std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(span.count()) * 0.25 * chance)};
  return std::min(span + extra, longest);  // defence: longest-cool-down
}

circuit_figures circuit::figures(const circuit_name& name, mono_time now) const {
  using prober = circuit_word::prober;
  bool const half_open = now >= half_open_at_;
  auto const probe = probing_ ? prober::self : half_open && turn_ == turn::of_another ? prober::another : prober::none;
  return {name, half_open, now - opened_at_, probe, closed_, cause_, std::max<std::chrono::nanoseconds>(half_open_at_ - now, {})};
}

bool circuit::open(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now) {
  bool const is_another = closed_ || sent > sent_before_it_;
  if (is_another) {
    half_open_at_ = now + policy_.span(streak_, chance);
    ++streak_;
    sent_before_it_ = newest;
    if (closed_) opened_at_ = now;
    closed_ = false;
  }
  auto const at_first = half_open_at_;
  half_open_at_ = std::max(half_open_at_, now + at_least);
  if (turn_ == turn::alone) return is_another;
  if (is_another) {
    news_ = event::opened;
    turn_ = turn::unknown;
  } else if (half_open_at_ > at_first && news_ == event::unchanged) {
    news_ = event::prolonged;
  }
  return is_another;
}

void circuit::close(std::uint64_t sent) {
  if (sent > sent_before_it_) reset();
}

void circuit::reset() {
  if (!closed_ && turn_ != turn::alone) news_ = event::closed;
  closed_ = true;
  streak_ = 0;
}

void circuit::share(bool with_fleet) {
  turn_ = with_fleet ? turn::unknown : turn::alone;
  news_ = with_fleet && !closed_ ? event::opened : event::unchanged;
  known_ = 0;
}

circuit_report circuit::report(bool waits, mono_time now) {
  circuit_report made;
  made.what = std::exchange(news_, event::unchanged);
  made.known = known_;
  if (closed_) return made;
  made.open_for = std::chrono::ceil<std::chrono::milliseconds>(std::max<std::chrono::nanoseconds>(half_open_at_ - now, {}));
  made.streak = streak_;
  made.wants_probe = probing_ || (waits && now >= half_open_at_);
  return made;
}

bool circuit::take(const circuit_word* word, bool adopts, std::uint64_t newest, mono_time now) {
  if (turn_ == turn::alone || news_ != event::unchanged) return false;  // what happened here is newer than the word
  auto const before = state_at(now);
  auto const until = half_open_at_;
  if (word == nullptr) {
    if (!probing_) turn_ = turn::mine;
  } else if (!word->open) {
    closed_ = closed_ || word->number >= known_;
    if (closed_) streak_ = 0;
    known_ = word->number;
  } else if (!closed_ || (adopts && word->open_for.count() > 0)) {
    if (word->number != known_) sent_before_it_ = newest;
    if (closed_) opened_at_ = now;
    closed_ = false;
    known_ = word->number;
    streak_ = std::max(streak_, word->streak);
    // The engine's word is bounded: after that it is asked again.
    half_open_at_ =
        std::max(half_open_at_, now + std::min<std::chrono::nanoseconds>(word->open_for, policy_.longest));  // defence: word-bounded
    constexpr std::array turns{turn::unknown, turn::mine, turn::of_another};  // in the order of circuit_word::prober
    if (!probing_) turn_ = turns[static_cast<std::size_t>(word->probe)];
  }
  return state_at(now) != before || half_open_at_ != until;
}

}  // namespace gateway
