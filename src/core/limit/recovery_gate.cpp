#include "core/limit/recovery_gate.hpp"

#include <algorithm>

namespace gateway {

std::chrono::nanoseconds backoff_policy::span(unsigned streak, double chance) const {
  auto span = first;
  for (unsigned i = 0; i < streak && span < longest; ++i) span *= 2;
  auto const extra = std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(span.count()) * 0.25 * chance)};
  return std::min(span + extra, longest);
}

bool recovery_gate::shut(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now) {
  bool const news = !troubled_ || sent > mark_;
  if (news) {
    opens_at_ = now + policy_.span(streak_, chance);
    ++streak_;
    mark_ = newest;
    troubled_ = true;
  }
  opens_at_ = std::max(opens_at_, now + at_least);
  return news;
}

void recovery_gate::open(std::uint64_t sent) {
  if (sent <= mark_) return;
  troubled_ = false;
  streak_ = 0;
}

}  // namespace gateway
