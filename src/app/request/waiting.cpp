#include "app/request/waiting.hpp"

#include <algorithm>

#include "core/auth/scopes.hpp"
#include "core/limit/concurrency_fields.hpp"
#include "core/upstream/feedback.hpp"
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

requester requester_of(const shared_state& shared, const client& from, resource what, mono_time now) {
  auto const& who = *from.memo.last();
  requester made;
  made.account = account_scope(who, shared.table_key);
  made.client = client_scope(who, from, shared.table_key);
  made.credential = who.owner.bits();
  made.address = address_scope(from, shared.table_key);
  made.network = network_scope(from, shared.table_key);
  made.proved = shared.visible.is_proved(who.owner, now);
  made.guest = who.guest;
  made.what = what;
  return made;
}

principal::principal(exchange& one, const request_head& head)
    : authorization(upstream_authorization(one.from, head.authorization)), name(one.from.known_as) {
  auto const random = [&] { return one.at.ids.bits(); };
  complete_trace(one.record.trace, random);
  trace = trace_fields(one.record.trace, random() | 1, head.tracestate);
}

void tell_share(const shared_state& shared, exchange& one, resource what, std::chrono::seconds wait) {
  auto const who = requester_of(shared, one.from, what, one.now);
  if (!who.is_unproved()) append_concurrency(one.rate_limit, shared.permits.of(who.account), wait);
}

fault_detail detail_of(const upstream_permits::admitted& shed, const settings& config) {
  auto const longest = std::chrono::floor<std::chrono::seconds>(config.upstream.max_retry_after);
  fault_detail detail;
  detail.retry_after = std::clamp(std::chrono::ceil<std::chrono::seconds>(shed.retry_in), std::chrono::seconds{1}, longest);
  return detail;
}

void report(worker& at, upstream_permits::permit& permit, fault failed, bool connected) {
  at.counters.upstream[static_cast<std::size_t>(result_of(failed))].add();
  permit.end(feedback_of(failed, connected));
}

void report(worker& at, shared_state& shared, upstream_permits::permit& permit, const verdict& meaning, credential_evidence about,
            const upstream_answer& answer) {
  at.counters.upstream[static_cast<std::size_t>(result_of(meaning))].add();
  auto const longest = std::chrono::floor<std::chrono::seconds>(at.config.upstream.max_retry_after);
  auto const feedback = feedback_of(answer, meaning, about, now().wall, longest);
  if (feedback.reported_load) shared.reported_concurrency.store(*feedback.reported_load, std::memory_order_relaxed);
  permit.end(feedback);
}

}  // namespace gateway
