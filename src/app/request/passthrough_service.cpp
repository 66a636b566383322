#include "app/request/passthrough_service.hpp"

#include "core/request/client_deadline.hpp"
#include "core/request/cross_site.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

using way = cache_status::way;
using ending = fetch_result::ending;

std::optional<passthrough_request> passthrough_service::answer_now(const route& where, const request_head& head, exchange& one,
                                                                   std::string& out) {
  auto const request = parse_passthrough_request(head, where, at_.config.passthrough);
  if (!request) return gate_.refuse(request.error(), &head, one, out), std::nullopt;
  one.record.call = request->call;
  if (request->changes() && !may_change(head, at_.config.cors)) return gate_.refuse(fault::cross_site, &head, one, out), std::nullopt;
  if (request->method == passthrough_method::options) return gate_.answer_preflight(head, one, out), std::nullopt;
  if (gate_.admit(head, one, out) == nullptr) return std::nullopt;
  if (!request->changes() && head.cache_control.only_if_cached()) return gate_.refuse(fault::not_cached, &head, one, out), std::nullopt;
  return *request;
}

task<void> passthrough_service::answer_later(passthrough_request asked, const request_head& head, exchange& one, std::string& out) {
  // Earlier answers may have taken their time to be written: ours begins now.
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::flight_wait, one.now);
  auto const who = requester_of(shared_, one.from, asked.what, one.now);
  waiting_place const place{shared_.waiting, who};
  if (place.is_one_too_many(at_.config.limits.max_waiters)) {
    gate_.refuse(fault::too_many_waiters, &head, one, out);
    co_return;
  }
  auto const until = one.now + at_.config.upstream.timeout;
  auto deadline = std::min(one.deadline, until + waiting_grace);
  if (auto const patience = client_deadline(head.request_timeout, head.prefer)) deadline = std::min(deadline, one.now + *patience);
  auto const permit = shared_.permits.apply(at_.get_executor(), who, until, at_.config.upstream.timeout);
  auto boarding = flight_table::lead_alone(permit);
  principal const asks{one, head};
  errand const what{asked, one.from.memo.last()->owner, who.client, asks.name};
  auto request = compose_request(upstream_.host_field(), asked, asks.authorization.reveal(), asks.trace);
  at_.start_task("relay", carry_out(std::move(*boarding.lead), what, std::move(request), permit));
  auto completed = co_await flight::wait(boarding.joined, at_.get_executor(), deadline, &one.reader);
  one.now = mono_now();
  one.record.hops.enter(hop::inspect, one.now);
  if (completed) {
    one.record.hops.adopt(completed->hops);
    one.record.retries = completed->retries;
  } else {
    auto late = std::make_shared<fetch_result>();
    late->why = fault::upstream_timeout;
    late->detail.may_have_applied = asked.changes() && shared_.permits.is_sent(permit);
    completed = std::move(late);
  }
  deliver(*completed, asked, head, one, out);
}

task<void> passthrough_service::carry_out(flight_leader lead, errand what, secret request, upstream_permits::request permit) {
  auto result = std::make_shared<fetch_result>();
  result->hops = hop_ledger{hop::budget_wait, mono_now()};
  auto admitted = co_await shared_.permits.acquire(permit, fair_queue::position::last);
  if (admitted.granted) {
    auto const asked_at = mono_now();
    auto const twice = what.changes ? repetition::never : repetition::safe;
    std::optional<pending_writes::place> writing;
    if (what.changes && has_something(what.owner, asked_at))
      writing.emplace(shared_.writes, cache_key{what.owner, *what.call, shared_.table_key});
    exchange_deadline const until{asked_at + at_.config.upstream.timeout};
    auto got = co_await upstream_.fetch(request, twice, until, result->hops);
    result->retries = got.repetitions;
    at_.clients.count_calls(what.name, 1 + got.repetitions);
    conclude(std::move(got), what, asked_at, admitted.granted, *result);
  } else {
    result->is = admitted.abandoned ? ending::abandoned : ending::shed;
    result->why = fault_of(admitted.why);
    result->detail = detail_of(admitted, at_.config);
  }
  result->hops.stop(mono_now());
  lead.land(std::move(result));
}

// From what the upstream sent to what the client gets, and what it means for what is kept.
void passthrough_service::conclude(fetched got, const errand& what, mono_time asked_at, upstream_permits::permit& permit,
                                   fetch_result& result) {
  auto& answer = got.result.answer;
  result.hops.enter(hop::inspect, mono_now());
  if (got.result.failed) {
    result.why = *got.result.failed;
    result.detail.may_have_applied = what.changes && got.result.sent;
    report(at_, permit, result.why, got.connected);
    if (result.detail.may_have_applied) note_change(what, false);
    return;
  }
  auto const of = what.what == resource::annotation ? what.call : std::nullopt;
  auto const meaning = judge_passthrough(answer, of, at_.bodies);
  auto const about = passthrough_evidence(meaning);
  shared_.visible.learn_beside(what.owner, about, asked_at, mono_now());
  report(at_, shared_, permit, meaning, about, answer);
  bool const applied = what.changes && may_have_applied(answer.status);
  if (applied) note_change(what, answer.status < 500);
  if (meaning.is == verdict_kind::broken) {
    result.why = meaning.why;
    result.detail.may_have_applied = applied;
    if (meaning.why == fault::upstream_error) result.detail.upstream_status = answer.status, result.detail.upstream_code = meaning.code;
    return;
  }
  upstream_.keep(std::move(got.connection));
  auto const moment = now();
  clamp_retry_after(answer, moment.wall, std::chrono::floor<std::chrono::seconds>(at_.config.upstream.max_retry_after));
  result.answer = remember(answer, meaning, moment, at_.config.cache.freshness, false);
  result.is = ending::answered;
}

void passthrough_service::note_change(const errand& what, bool certain) {
  auto const moment = mono_now();
  bool const believed =
      certain || (shared_.visible.is_proved(what.owner, moment) && shared_.invalidations.concerns_everybody(what.client, moment));
  if (believed) return shared_.cache.note_change(*what.call);
  // What the writer itself has of the call may be old.
  if (has_something(what.owner, moment)) shared_.cache.invalidate(cache_key{what.owner, *what.call, shared_.table_key}, moment);
}

// A stranger has nothing that could be in doubt.
bool passthrough_service::has_something(const partition& writer, mono_time now) const {
  return shared_.visible.is_proved(writer, now) || shared_.cache.owns(writer);
}

void passthrough_service::deliver(const fetch_result& result, const passthrough_request& asked, const request_head& head, exchange& one,
                                  std::string& out) {
  one.close = one.close || one.is_parting();
  tell_share(shared_, one, asked.what, result.detail.retry_after);
  if (!result.was_asked()) return gate_.refuse(result.why, &head, one, out, result.detail.retry_after);
  auto context = one.reply(&head);
  context.status.how = asked.changes() ? way::method : way::bypass;
  if (!result.has_answer()) {
    context.status.detail = name_of(result.why);
    context.status.forward_status = one.record.upstream_status = result.detail.upstream_status;
    context.allow_origin = gate_.readable_by(head);
    one.record.fail(result.why);
    one.record.status = append_fault(out, result.why, result.detail, context);
    return;
  }
  auto const& made = *result.answer.made;
  one.record.ended = outcome::bypass;
  context.status.detail = one.record.detail = name_of(asked.what);
  context.status.forward_status = one.record.upstream_status = made.status;
  if (asked.changes()) context.if_none_match = {};  // it has been carried out: there is no 304 any more
  std::string timing;
  if (at_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  one.record.status = append_first(out, made, result.answer.fresh_fields, context);
}

}  // namespace gateway
