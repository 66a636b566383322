#include "core/upstream/news.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/upstream/retry_after.hpp"

namespace gateway {

exchange_news news_of(fault failed, bool connected) {
  // A body that cannot be used, or believed, is an answer all the same.
  static constexpr std::array troubles{fault::upstream_error, fault::upstream_timeout, fault::upstream_unreachable, fault::upstream_tls,
                                       fault::upstream_protocol};
  exchange_news news;
  news.is = std::ranges::find(troubles, failed) != troubles.end() ? exchange_outcome::failed : exchange_outcome::accepted;
  if (news.is == exchange_outcome::failed && !connected) news.is = exchange_outcome::unreachable;
  return news;
}

exchange_news news_of(const upstream_answer& answer, const verdict& meaning, standing about, wall_time now, std::chrono::seconds longest) {
  auto news = meaning.is == verdict_kind::broken ? news_of(meaning.why) : exchange_news{exchange_outcome::accepted};
  news.reported_load = parse_decimal(answer.field("twilio-concurrent-requests"));
  if (meaning.is == verdict_kind::throttled) {
    news.is = exchange_outcome::throttled;
    news.retry_after = parse_retry_after(answer.field("retry-after"), now, longest).value_or(std::chrono::seconds{0});
  }
  using credential = exchange_news::credential;
  news.who = proves(about) ? credential::accepted : about == standing::refused ? credential::refused : credential::unknown;
  return news;
}

fault fault_of(shed_reason why) {
  switch (why) {
    case shed_reason::busy:
    case shed_reason::queue_full:
      return fault::upstream_busy;
    case shed_reason::cooling_down:
      return fault::upstream_cooling_down;
    case shed_reason::failing:
      return fault::upstream_failing;
  }
  return fault::internal;
}

}  // namespace gateway
