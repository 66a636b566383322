#include "core/limit/circuit.hpp"

#include <algorithm>

namespace gateway {

std::chrono::nanoseconds backoff_policy::span(unsigned streak, double chance) const {
  auto span = first;
  for (unsigned i = 0; i < streak && span < longest; ++i) span *= 2;
  auto const extra = std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(span.count()) * 0.25 * chance)};
  return std::min(span + extra, longest);  // defence: longest-cool-down
}

bool circuit::open(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now) {
  bool const is_another = closed_ || sent > sent_before_it_;
  if (is_another) {
    half_open_at_ = now + policy_.span(streak_, chance);
    ++streak_;
    sent_before_it_ = newest;
    closed_ = false;
  }
  half_open_at_ = std::max(half_open_at_, now + at_least);
  return is_another;
}

void circuit::close(std::uint64_t sent) {
  if (sent <= sent_before_it_) return;
  closed_ = true;
  streak_ = 0;
}

}  // namespace gateway
