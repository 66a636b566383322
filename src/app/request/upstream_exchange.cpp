#include "app/request/upstream_exchange.hpp"

#include <algorithm>

#include "core/auth/authorizer.hpp"
#include "core/request/via.hpp"
#include "core/settings/validate.hpp"
#include "core/upstream/clock_skew.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

std::chrono::seconds longest_retry_after(const upstream_settings& from) {
  return std::chrono::floor<std::chrono::seconds>(from.max_retry_after);
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
    case fault::egress_unreachable:
    case fault::egress_refused:
    case fault::egress_auth:
      return upstream_result::egress;
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
  auto const& who = *one.from.memo.last();
  payer = who.name;  // defence: quota-of-client
  if (one.at.config.credentials.sharing == sharing_mode::grants) {
    subject = who.sharers;
  } else if (who.claims) {
    subject = who.claims->subject;
  }
}

principal::principal(worker& at, const identity& whose, std::string_view own)
    : authorization(whose.upstream ? *whose.upstream : secret()), fields(via_field("", false, own)) {
  trace_place trace;
  auto const random = [&] { return at.ids.bits(); };
  complete_trace(trace, random);
  fields += trace_fields(trace, random() | 1, {});
}

fetch_result shed_result(const upstream_permits::admitted& denied, const upstream_settings& from) {
  auto made = fetch_result::failure(fault_of(denied.why));
  made.is = denied.abandoned ? fetch_result::ending::abandoned : fetch_result::ending::shed;
  auto const in = std::chrono::ceil<std::chrono::seconds>(denied.retry_in);
  made.detail.retry_after = std::clamp(in, std::chrono::seconds{1}, longest_retry_after(from));
  return made;
}

fetch_result failed_result(fault why, const upstream_answer& answer) {
  auto made = fetch_result::failure(why);
  made.detail.upstream_status = answer.status;
  return made;
}

fetch_result broken_result(const verdict& meaning, const upstream_answer& answer, const upstream_settings& from) {
  auto made = failed_result(meaning.why, answer);
  made.detail.upstream_code = meaning.code;
  made.detail.retry_after = pause_asked_for(answer, meaning, now().wall, longest_retry_after(from));
  if (meaning.why != fault::upstream_unexpected_status) return made;
  made.detail.redirect_host = redirect_host(answer);
  logbook_fields fields{{"status", answer.status}};
  if (!from.name.empty()) fields.emplace_back("upstream", from.name);
  if (!made.detail.redirect_host.empty()) fields.emplace_back("redirect_to", made.detail.redirect_host);
  log_entry(logbook_kind::upstream_odd_answer, std::move(fields));
  return made;
}

void report_failure(worker& at, upstream_permits::permit& permit, fault failed, bool connected) {
  at.counters.upstream[static_cast<std::size_t>(result_of(failed))].add();
  log_debug("upstream: an exchange failed: {}", name_of(failed));
  permit.end(feedback_of(failed, connected));
}

void report_answer(worker& at, const upstream_settings& from, told_by_upstream& told, upstream_permits::permit& permit,
                   const judged_answer& came) {
  auto const& [meaning, evidence, answer, asked_at] = came;
  at.counters.upstream[static_cast<std::size_t>(result_of(meaning))].add();
  log_debug("upstream: status {}, {}", answer.status, name_of(result_of(meaning)));
  auto const moment = now();
  auto const feedback = feedback_of(answer, meaning, evidence, moment.wall, longest_retry_after(from));
  if (feedback.reported_load) told.note_concurrency(*feedback.reported_load);
  if (auto const skew = clock_skew(answer.field("date"), moment.wall - (moment.mono - asked_at), moment.wall)) told.note_clock_skew(*skew);
  permit.end(feedback);
}

std::optional<fetch_result> may_use_credential(const credential_parts& parts, const partition& owner, resource what, mono_time now) {
  if (parts.refused.send(owner, what, now)) return std::nullopt;  // defence: refused-account-sent
  auto held = fetch_result::failure(fault::upstream_credential_refused);
  held.is = fetch_result::ending::shed;
  return held;
}

std::optional<credential_circuit::state> note_account_refusal(const credential_parts& parts, const partition& owner, refusal_scope scope,
                                                              resource what, mono_time asked_at, mono_time now) {
  auto const state = parts.refused.note_refusal(owner, scope, what, asked_at, now);
  // A request that was sent before the account's credential was replaced: the owner may be no account's any more.
  if (!name_of_account(*parts.access.get(), owner)) parts.refused.forget(owner);
  if (state == credential_circuit::state::doubted) parts.visible.hide(owner, now);
  bool const concerns_stored = scope == refusal_scope::all || what == resource::summary;
  if (state == credential_circuit::state::refused && concerns_stored) parts.visible.refuse(owner, now);  // defence: refused-account-erased
  return state;
}

std::optional<fetch_result> learn_of_credential(worker& at, const credential_parts& parts, const partition& owner, resource what,
                                                const upstream_answer& answer, const verdict& meaning, credential_evidence evidence,
                                                mono_time asked_at) {
  if (at.config.credentials.mode != credentials_mode::inject) return std::nullopt;
  auto const named = [&] { return name_of_account(*parts.access.get(), owner).value_or(""); };
  if (proves(evidence)) {
    parts.tokens.note_accepted(owner, asked_at);
    if (parts.refused.note_success(owner, what, asked_at)) log_entry(logbook_kind::credential_accepted, {{"account", named()}});
  }
  auto const scope = refusal_of(answer.status, meaning, what);
  if (!scope) return std::nullopt;
  auto const now = mono_now();
  // defence: token-ended
  if (answer.status == 401 && *scope == refusal_scope::all && parts.tokens.note_refused(owner, asked_at, now)) {
    auto ended = failed_result(fault::upstream_token_unavailable, answer);
    ended.token_ended = true;
    return ended;
  }
  auto const state = note_account_refusal(parts, owner, *scope, what, asked_at, now);
  if (state == credential_circuit::state::doubted) {
    log_entry(logbook_kind::credential_doubted, {{"account", named()},
                                                 {"status", answer.status},
                                                 {"code", meaning.code},
                                                 {"resource", *scope == refusal_scope::kind ? name_of(what) : "all resources"}});
  } else if (state == credential_circuit::state::refused) {
    logbook_fields fields{{"account", named()}};
    if (*scope == refusal_scope::all || what == resource::summary) fields.emplace_back("consequence", "its cached answers are erased");
    log_entry(logbook_kind::credential_refused, std::move(fields));
  }
  auto refused = failed_result(fault::upstream_credential_refused, answer);
  refused.detail.upstream_code = meaning.code;
  refused.wakes = woken_readers::all;
  return refused;
}

void report_dropped_fields(worker& at, first_seen& names, const upstream_answer& answer) {
  for (auto const name : dropped_fields(answer, at.config.upstream.answer_fields)) {
    auto const* const row = field_row_of(name);
    at.counters.fields_dropped[static_cast<std::size_t>(row == nullptr ? dropped_field::unknown : dropped_field::known)].add();
    if (!names.is_new(name)) continue;
    log_info("the upstream sends the field {}, which clients do not get{}{}{}", in_quotes(name), row == nullptr ? "" : ": ",
             row == nullptr ? "" : row->reason, why_not_added(name) ? "" : "; upstream.answer_fields can add it");
  }
}

void clamp_retry_after(upstream_answer& answer, const instant& now, const upstream_settings& from) {
  clamp_retry_after(answer, now.wall, longest_retry_after(from));
}

}  // namespace gateway
