#include "app/request/passthrough_service.hpp"

#include <algorithm>

#include "app/request/quota_desk.hpp"
#include "app/request/token_wait.hpp"
#include "core/cache/shown.hpp"
#include "core/request/cross_site.hpp"
#include "core/request/end_to_end.hpp"
#include "core/upstream/content_coding.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/page_links.hpp"
#include "core/upstream/request.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

using ending = fetch_result::ending;

namespace {

// A summary passes for one of two reasons.
std::string_view detail_of(resource what, const request_head& head) {
  if (what != resource::summary) return name_of(what);
  return head.has_client_validation ? "client_validation" : name_of(fault::unknown_parameter);
}

// The token has ended while the request waited for its permit.
fetch_result token_gone() {
  auto made = fetch_result::failure(fault::upstream_token_unavailable);
  made.is = ending::shed;
  made.token_ended = true;
  return made;
}

}  // namespace

std::optional<passthrough_request> passthrough_service::answer_now(exchange& one) {
  auto const& head = *one.head;
  auto const request = parse_passthrough_request(head, one.path, at_.config.passthrough);
  if (!request) return answers_.refuse(request.error(), one), std::nullopt;
  one.record.call = request->call;
  // defence: cross-site
  if (request->changes() && !may_change(head, at_.config.cors)) return answers_.refuse(fault::cross_site, one), std::nullopt;
  if (request->method == passthrough_method::options) return answers_.give_preflight(one), std::nullopt;
  auto const* const who = gate_.admit(one);
  if (who == nullptr) return std::nullopt;  // defence: passthrough-credential
  if (auto const why = refusal_of_write(*who, *request))
    return answers_.refuse(*why, one), std::nullopt;  // defence: write-of-other-account
  if (!request->changes() && head.cache_control.only_if_cached()) return answers_.refuse(fault::not_cached, one), std::nullopt;
  return *request;
}

// Only a kept summary says whose call a write would change, before it has changed it.
std::optional<fault> passthrough_service::refusal_of_write(const identity& who, const passthrough_request& asked) const {
  if (!asked.changes() || who.rights == nullptr || who.rights->sees_all()) return std::nullopt;
  auto const stored = asked.call ? parts_.visible.peek(cache_key{who.owner, *asked.call, parts_.table_key}) : nullptr;
  return refusal_of(stored ? stored->account : std::nullopt, *who.rights);
}

// The answer to a write is about what has been judged before it.
std::optional<fault> passthrough_service::refusal_of_answer(const fetch_result& result, const passthrough_request& asked,
                                                            const exchange& one) const {
  auto const& rights = one.from.memo.last()->rights;
  if (asked.changes() || rights == nullptr || rights->sees_all()) return std::nullopt;
  if (!result.has_answer() || result.answer.made->status >= 400) return std::nullopt;
  auto const body = result.answer.made->plain.body();
  auto const named = at_.bodies.judge_accounts(body, [&](const account_sid& whose) { return rights->sees(whose); });
  if (body.size() > largest_usual_body) at_.bodies.forget();
  return named == named_accounts::allowed ? std::nullopt
                                          : std::optional{named == named_accounts::others ? fault::other_account : fault::account_unknown};
}

task<void> passthrough_service::answer_later(passthrough_request asked, exchange& one) {
  waiting_request const waiting{parts_.waiting, one, asked.what, values_.timeout};
  if (waiting.is_one_too_many(at_.config)) {  // defence: waiting-bound-passthrough
    answers_.refuse(fault::too_many_waiters, one);
    co_return;
  }
  auto const permit = parts_.permits.apply(at_.get_executor(), waiting.who, waiting.permit_until, values_.timeout);
  auto joined = flight_table::lead_alone(permit);
  principal asks{one, parts_.via};
  asks.fields += end_to_end_fields(*one.head);
  order what{asked, one.from.memo.last()->owner, waiting.who, asks.name, own_origin(one.public_url, one.is_secured, one.head->host)};
  what.payer = asks.payer;
  what.takes_token = asks.authorization.empty();
  auto request = compose_request(upstream_.host_field(), asked, asks.authorization.reveal(), asks.fields);
  at_.start_task("passthrough", run(std::move(*joined.lead), what, std::move(request)));
  auto result = co_await flight::wait(joined.joined, at_.get_executor(), waiting.deadline, &one.reader);
  one.now = mono_now();
  one.record.hops.enter(hop::inspect, one.now);
  if (!asked.changes() && !gate_.may_still(one)) co_return;  // defence: right-taken-while-passed
  if (result) {
    one.record.hops.adopt(result->hops);
    one.record.retries = result->retries;
  } else {
    auto late = std::make_shared<fetch_result>(fetch_result::failure(fault::upstream_timeout));
    late->detail.may_have_applied = asked.changes() && parts_.permits.is_sent(permit);
    result = std::move(late);
  }
  if (auto const why = refusal_of_answer(*result, asked, one)) {  // defence: passed-of-other-account
    answers_.refuse(*why, one);
    co_return;
  }
  add_upstream_fields(parts_.waiting, one, asked.what, *result);
  responder::description as;
  as.was_judged = true;
  as.ended = outcome::bypass;
  as.forwarded = asked.changes() ? cache_status::way::method : cache_status::way::bypass;
  as.was_write = asked.changes();
  as.detail = detail_of(asked.what, *one.head);
  one.memory = result->room;
  answers_.give_fetched(*result, as, one);
}

task<void> passthrough_service::run(flight_leader lead, order what, secret request) {
  hop_ledger hops{hop::budget_wait, mono_now()};
  auto asking = what.takes_token ? ask_with_token(lead, what, request, hops) : ask(lead, what, request, hops);
  auto result = co_await std::move(asking);
  hops.stop(mono_now());
  result.hops = hops;
  lead.complete(std::make_shared<const fetch_result>(std::move(result)));
}

task<fetch_result> passthrough_service::ask_with_token(const flight_leader& lead, const order& what, const secret& request,
                                                       hop_ledger& hops) {
  auto const until = mono_now() + values_.timeout;
  bool repeated = false;
  while (true) {
    auto waiting = wait_for_token(at_, parts_.credentials.tokens, what.owner, until, values_.max_retry_after);
    auto none = co_await std::move(waiting);
    if (none) co_return std::move(*none);
    auto asking = ask(lead, what, request, hops);
    auto result = co_await std::move(asking);
    if (!result.token_ended || lead.is_abandoned()) co_return result;
    if (result.was_asked() && (what.is_write || std::exchange(repeated, true))) co_return result;
  }
}

task<fetch_result> passthrough_service::ask(const flight_leader& lead, const order& what, const secret& request, hop_ledger& hops) {
  if (auto refused = refused_by_quota(parts_.quotas, what.payer)) co_return std::move(*refused);  // defence: quota-passed-early
  auto admitted = co_await parts_.permits.acquire(lead.permit(), fair_queue::position::last);
  if (!admitted.granted) co_return shed_result(admitted, values_);
  auto paying = parts_.quotas.take(at_.get_executor(), what.payer);
  auto const taken = co_await std::move(paying);
  if (taken.is == quota_decision::kind::refused) co_return quota_refusal(taken, what.payer);  // defence: quota-passed
  paid_call paid{parts_.quotas, what.payer, taken};
  auto const asked_at = mono_now();
  auto const kind = what.is_write ? exchange_kind::write : admitted.granted.is_probe() ? exchange_kind::probe : exchange_kind::read;
  std::optional<pending_writes::place> writing;
  if (what.is_write && what.call && has_something(what.owner, asked_at))
    writing.emplace(parts_.writes, cache_key{what.owner, *what.call, parts_.table_key});
  if (auto const held = may_use_credential(parts_.credentials, what.owner, what.what, asked_at)) co_return *held;
  std::optional<secret> whole;
  if (what.takes_token) {
    auto const token = parts_.credentials.tokens.current(what.owner, asked_at);
    if (!token) co_return token_gone();
    whole = with_authorization(request, token->reveal());
  }
  auto const& sent = whole ? *whole : request;
  exchange_deadline const until{asked_at + values_.timeout};  // defence: full-exchange-time
  auto const room = room_for(what.what);
  auto got = co_await upstream_.fetch(sent, kind, until, room.get(), hops);
  if (got.result.sent) paid.sent();
  at_.clients.count_calls(what.name, 1 + got.repetitions);
  hops.enter(hop::inspect, mono_now());
  auto const repetitions = got.repetitions;
  auto result = conclude(std::move(got), what, asked_at, admitted.granted);
  result.retries = repetitions;
  if (room && room->is_large()) result.room = room;
  co_return result;
}

std::shared_ptr<answer_room> passthrough_service::room_for(resource what) const {
  if (!is_passthrough(what) || !family_of(what).is_long) return nullptr;
  auto const& values = at_.config.upstream;
  auto const most = std::min(values.max_passthrough_bytes, values.max_passthrough_total_bytes);
  answer_room::bounds const within{values.max_body_bytes, std::max(values.max_body_bytes, most), values.max_passthrough_total_bytes};
  return std::make_shared<answer_room>(parts_.large, within);
}

// From what the upstream sent to what the client gets, and what it means for stored answers.
fetch_result passthrough_service::conclude(fetched got, const order& what, mono_time asked_at, upstream_permits::permit& permit) {
  auto& answer = got.result.answer;
  if (got.result.failed) {
    report_failure(at_, permit, *got.result.failed, got.connected);
    auto failed = failed_result(*got.result.failed, answer);
    if (is_shed(failed.why)) failed.detail.retry_after = responder::retry_when_busy;
    failed.detail.may_have_applied = what.is_write && got.result.sent;  // defence: write-uncertain
    if (failed.detail.may_have_applied) note_change(what, false);
    return failed;
  }
  bool const is_summary = what.what == resource::summary;
  auto const of = is_summary || what.what == resource::annotation ? what.call : std::nullopt;
  decode_content(answer, at_.config.upstream.max_body_bytes);
  auto meaning = judge_passthrough(answer, of, at_.bodies);
  if (!is_summary) lead_pages_here(answer, meaning, {upstream_.host_field(), what.reached_at}, at_.bodies);
  auto evidence = passthrough_evidence(meaning);
  std::optional<fetch_result> refused;
  if (!is_summary) {
    refused = learn_of_credential(at_, parts_.credentials, what.owner, what.what, answer, meaning, evidence, asked_at);
    if (refused && refused->token_ended) evidence = credential_evidence::unchanged;
  } else if (at_.config.credentials.mode == credentials_mode::inject && evidence == credential_evidence::refused) {
    // A refusal may be about what this client added to the request, so it is none of the credential that all clients share.
    evidence = credential_evidence::unchanged;  // defence: refusal-of-addition
  }
  if (!refused) parts_.visible.learn_beside(what.owner, evidence, asked_at, mono_now());
  report_answer(at_, values_, parts_.told, permit, {meaning, evidence, answer, asked_at});
  if (refused) return *std::move(refused);
  bool const applied = what.is_write && may_have_applied(answer.status, meaning);  // defence: refused-write
  if (applied) note_change(what, answer.status < 500);                             // defence: write-noted
  if (meaning.is == verdict_kind::broken) {
    auto failed = broken_result(meaning, answer, values_);
    failed.detail.may_have_applied = applied;
    return failed;
  }
  upstream_.keep(std::move(got.connection));
  auto const moment = now();
  report_dropped_fields(at_, parts_.dropped_names, answer);
  clamp_retry_after(answer, moment, values_);
  fetch_result result;
  result.is = ending::answered;
  result.answer = remember(answer, meaning, moment, at_.config.cache.freshness, false, std::nullopt, at_.config.upstream.answer_fields);
  result.answer.why_not = not_stored::never;
  return result;
}

void passthrough_service::note_change(const order& what, bool certain) {
  if (!what.call) return;  // it changes no summary
  auto const moment = mono_now();
  bool const believed =
      // defence: unproved-write
      certain || (parts_.visible.is_proved(what.owner, moment) && parts_.uncertain.concerns_everybody(what.client, moment));
  if (believed) {
    parts_.cache.note_change(*what.call);
    if (parts_.fleet != nullptr) parts_.fleet->changed(*what.call);  // defence: change-told
    return;
  }
  // The writer's own copy may be old.
  if (has_something(what.owner, moment)) parts_.cache.invalidate(cache_key{what.owner, *what.call, parts_.table_key}, moment);
}

// The credential of a stranger has no stored answers that could be old.
bool passthrough_service::has_something(const partition& writer, mono_time now) const {
  return parts_.visible.is_proved(writer, now) || parts_.cache.owns(writer);
}

}  // namespace gateway
