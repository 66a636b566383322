#include "app/waiting.hpp"

#include <algorithm>

#include "core/auth/scopes.hpp"
#include "core/upstream/news.hpp"
#include "core/upstream/request.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

upstream_result result_of(const verdict& meaning) { return static_cast<upstream_result>(meaning.is); }
static_assert(static_cast<std::size_t>(upstream_result::broken) == static_cast<std::size_t>(verdict_kind::broken),
              "the first results are the verdicts");

upstream_result result_of(fault why) {
  switch (why) {
    case fault::upstream_timeout:
      return upstream_result::timeout;
    case fault::upstream_unreachable:
      return upstream_result::unreachable;
    case fault::upstream_tls:
      return upstream_result::tls;
    default:
      return upstream_result::broken;
  }
}

}  // namespace

upstream_turns::applicant applicant_of(const shared_state& shared, const client& from) {
  auto const& who = *from.memo.last();
  return {account_scope(who, shared.table_key), client_scope(who, from, shared.table_key)};
}

principal::principal(exchange& one, const request_head& head)
    : authorization(upstream_authorization(one.from, head.authorization)), name(one.from.known_as) {
  auto const random = [&] { return one.at.ids.bits(); };
  complete_trace(one.record.trace, random);
  trace = trace_fields(one.record.trace, random() | 1, head.tracestate);
}

fault_detail detail_of(const upstream_turns::admitted& shed, const settings& config) {
  auto const longest = std::chrono::floor<std::chrono::seconds>(config.upstream.max_retry_after);
  fault_detail detail;
  detail.retry_after = std::clamp(std::chrono::ceil<std::chrono::seconds>(shed.retry_in), std::chrono::seconds{1}, longest);
  return detail;
}

void report(worker& at, upstream_turns::turn& turn, fault failed) {
  at.counters.upstream[static_cast<std::size_t>(result_of(failed))].add();
  turn.end(news_of(failed));
}

void report(worker& at, shared_state& shared, upstream_turns::turn& turn, const verdict& meaning, const upstream_answer& answer) {
  at.counters.upstream[static_cast<std::size_t>(result_of(meaning))].add();
  auto const longest = std::chrono::floor<std::chrono::seconds>(at.config.upstream.max_retry_after);
  auto const news = news_of(answer, meaning, now().wall, longest);
  if (news.reported_load) shared.reported_concurrency.store(*news.reported_load, std::memory_order_relaxed);
  turn.end(news);
}

}  // namespace gateway
