#include "app/request/upstream_exchange.hpp"

#include <algorithm>

#include "core/request/via.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

std::chrono::seconds longest_retry_after(const settings& config) {
  return std::chrono::floor<std::chrono::seconds>(config.upstream.max_retry_after);
}

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

principal::principal(exchange& one, std::string_view own)
    : authorization(upstream_authorization(one.from, one.head->authorization)), name(one.from.known_as) {
  auto const received = received_via(*one.head);
  came_by_proxies = !received.empty();
  fields = via_field(received, one.head->http_1_0, own);
  auto const random = [&] { return one.at.ids.bits(); };
  complete_trace(one.record.trace, random);
  fields += trace_fields(one.record.trace, random() | 1, one.head->tracestate);
}

fetch_result shed_result(const upstream_permits::admitted& denied, const settings& config) {
  auto made = fetch_result::failure(fault_of(denied.why));
  made.is = denied.abandoned ? fetch_result::ending::abandoned : fetch_result::ending::shed;
  auto const in = std::chrono::ceil<std::chrono::seconds>(denied.retry_in);
  made.detail.retry_after = std::clamp(in, std::chrono::seconds{1}, longest_retry_after(config));
  return made;
}

void report_failure(worker& at, upstream_permits::permit& permit, fault failed, bool connected) {
  at.counters.upstream[static_cast<std::size_t>(result_of(failed))].add();
  permit.end(feedback_of(failed, connected));
}

void report_answer(worker& at, shared_state& shared, upstream_permits::permit& permit, const verdict& meaning, credential_evidence evidence,
                   const upstream_answer& answer) {
  at.counters.upstream[static_cast<std::size_t>(result_of(meaning))].add();
  auto const feedback = feedback_of(answer, meaning, evidence, now().wall, longest_retry_after(at.config));
  if (feedback.reported_load) shared.reported_concurrency.store(*feedback.reported_load, std::memory_order_relaxed);
  permit.end(feedback);
}

void note_status(fetch_result& failed, const upstream_answer& answer, const verdict& meaning) {
  if (meaning.why != fault::upstream_error && meaning.why != fault::loop) return;
  failed.detail.upstream_status = answer.status;
  failed.detail.upstream_code = meaning.code;
}

void clamp_retry_after(upstream_answer& answer, const instant& now, const settings& config) {
  clamp_retry_after(answer, now.wall, longest_retry_after(config));
}

}  // namespace gateway
