#include "app/request/upstream_exchange.hpp"

#include <algorithm>

#include "core/request/via.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

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

std::optional<fetch_result> may_use_credential(shared_state& shared, const partition& owner, resource what, mono_time now) {
  if (shared.refused.send(owner, what, now)) return std::nullopt;  // defence: refused-account-sent
  auto held = fetch_result::failure(fault::upstream_credential_refused);
  held.is = fetch_result::ending::shed;
  return held;
}

std::optional<fetch_result> learn_of_credential(worker& at, shared_state& shared, const partition& owner, resource what,
                                                const upstream_answer& answer, const verdict& meaning, credential_evidence evidence,
                                                mono_time asked_at) {
  if (at.config.credentials.mode != credentials_mode::inject) return std::nullopt;
  auto const named = [&] { return name_of_account(*shared.access.get(), owner).value_or(""); };
  if (proves(evidence) && shared.refused.note_success(owner, what, asked_at))
    log_info("credentials: Twilio accepts the credential of the account {} again", named());
  auto const scope = refusal_of(answer.status, meaning, what);
  if (!scope) return std::nullopt;
  auto const now = mono_now();
  auto const state = shared.refused.note_refusal(owner, *scope, what, asked_at, now);
  // A request that was sent before the account's credential was replaced: the owner may be no account's any more.
  if (!name_of_account(*shared.access.get(), owner)) shared.refused.forget(owner);
  if (state == credential_circuit::state::doubted) {
    shared.visible.doubt(owner, now);
    log_error(
        "credentials: Twilio refuses the credential of the account {} ({}, code {}), for {}; its clients get 502 and nothing from the "
        "cache, "
        "and single probes ask again; put a good credential into its credential_file",
        named(), answer.status, meaning.code, *scope == refusal_scope::kind ? name_of(what) : "all resources");
  } else if (state == credential_circuit::state::refused) {
    bool const concerns_stored = *scope == refusal_scope::all || what == resource::summary;
    if (concerns_stored) shared.visible.refuse(owner, now);  // defence: refused-account-erased
    log_error("credentials: Twilio refused the credential of the account {} again{}", named(),
              concerns_stored ? "; its cached answers are erased" : "");
  }
  auto refused = fetch_result::failure(fault::upstream_credential_refused);
  note_status(refused, answer, meaning);
  return refused;
}

void note_status(fetch_result& failed, const upstream_answer& answer, const verdict& meaning) {
  if (failed.why != fault::upstream_error && failed.why != fault::loop && failed.why != fault::upstream_credential_refused) return;
  failed.detail.upstream_status = answer.status;
  failed.detail.upstream_code = meaning.code;
}

void clamp_retry_after(upstream_answer& answer, const instant& now, const settings& config) {
  clamp_retry_after(answer, now.wall, longest_retry_after(config));
}

}  // namespace gateway
