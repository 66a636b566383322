#include "app/relay.hpp"

#include "core/request/cross_site.hpp"
#include "core/request/patience.hpp"
#include "core/upstream/news.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "core/upstream/standing.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

using way = cache_status::way;
using ending = landing::ending;

std::optional<relayed_request> relay::answer_now(const route& where, const request_head& head, exchange& one, std::string& out) {
  auto const request = parse_relayed_request(head, where, at_.config.passthrough);
  if (!request) return desk_.refuse(request.error(), &head, one, out), std::nullopt;
  one.record.call = request->call;
  if (request->changes() && !may_change(head, at_.config.cors)) return desk_.refuse(fault::cross_site, &head, one, out), std::nullopt;
  if (request->method == relayed_method::options) return desk_.answer_preflight(head, one, out), std::nullopt;
  if (desk_.admit(head, one, out) == nullptr) return std::nullopt;
  if (!request->changes() && head.wishes.only_if_cached()) return desk_.refuse(fault::not_cached, &head, one, out), std::nullopt;
  return *request;
}

task<void> relay::answer_later(relayed_request asked, const request_head& head, exchange& one, std::string& out) {
  // Earlier answers may have taken their time to be written: ours begins now.
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::flight_wait, one.now);
  auto const who = requester_of(shared_, one.from, asked.what, one.now);
  waiting_place const place{shared_.waiting, who};
  if (place.is_one_too_many(at_.config.limits.max_waiters)) {
    desk_.refuse(fault::too_many_waiters, &head, one, out);
    co_return;
  }
  auto const until = one.now + at_.config.upstream.timeout;
  auto deadline = std::min(one.deadline, until + waiting_grace);
  if (auto const patience = client_patience(head.request_timeout, head.prefer)) deadline = std::min(deadline, one.now + *patience);
  auto const turn = shared_.turns.apply(at_.get_executor(), who, until, at_.config.upstream.timeout);
  auto boarding = flight_table::board_alone(turn);
  principal const asks{one, head};
  errand const what{asked, one.from.memo.last()->owner, who.client, asks.name};
  auto request = compose_request(upstream_.host_field(), asked, asks.authorization.reveal(), asks.trace);
  at_.start_task("relay", carry_out(std::move(*boarding.lead), what, std::move(request), turn));
  auto landed = co_await flight::wait(boarding.joined, at_.get_executor(), deadline, &one.reader);
  one.now = mono_now();
  one.record.hops.enter(hop::inspect, one.now);
  if (landed) {
    one.record.hops.adopt(landed->hops);
    one.record.retries = landed->retries;
  } else {
    auto late = std::make_shared<landing>();
    late->why = fault::upstream_timeout;
    late->detail.may_have_applied = asked.changes() && shared_.turns.is_sent(turn);
    landed = std::move(late);
  }
  deliver(*landed, asked, head, one, out);
}

task<void> relay::carry_out(pilot lead, errand what, secret request, upstream_turns::request turn) {
  auto result = std::make_shared<landing>();
  result->hops = hop_ledger{hop::budget_wait, mono_now()};
  auto admitted = co_await shared_.turns.acquire(turn, fair_queue::position::last);
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
    result->is = admitted.deserted ? ending::deserted : ending::shed;
    result->why = fault_of(admitted.why);
    result->detail = detail_of(admitted, at_.config);
  }
  result->hops.stop(mono_now());
  lead.land(std::move(result));
}

// From what the upstream sent to what the client gets, and what it means for what is kept.
void relay::conclude(fetched got, const errand& what, mono_time asked_at, upstream_turns::turn& turn, landing& result) {
  auto& answer = got.result.answer;
  result.hops.enter(hop::inspect, mono_now());
  if (got.result.failed) {
    result.why = *got.result.failed;
    result.detail.may_have_applied = what.changes && got.result.sent;
    report(at_, turn, result.why, got.connected);
    if (result.detail.may_have_applied) note_change(what, false);
    return;
  }
  auto const of = what.what == resource::annotation ? what.call : std::nullopt;
  auto const meaning = judge_relayed(answer, of, at_.bodies);
  auto const about = standing_beside(meaning);
  shared_.visible.learn_beside(what.owner, about, asked_at, mono_now());
  report(at_, shared_, turn, meaning, about, answer);
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

void relay::note_change(const errand& what, bool certain) {
  auto const moment = mono_now();
  bool const believed =
      certain || (shared_.visible.is_proved(what.owner, moment) && shared_.doubts.concerns_everybody(what.client, moment));
  if (believed) return shared_.cache.note_change(*what.call);
  // What the writer itself has of the call may be old.
  if (has_something(what.owner, moment)) shared_.cache.doubt(cache_key{what.owner, *what.call, shared_.table_key}, moment);
}

// A stranger has nothing that could be in doubt.
bool relay::has_something(const partition& writer, mono_time now) const {
  return shared_.visible.is_proved(writer, now) || shared_.cache.owns(writer);
}

void relay::deliver(const landing& result, const relayed_request& asked, const request_head& head, exchange& one, std::string& out) {
  one.close = one.close || one.is_parting();
  tell_share(shared_, one, asked.what, result.detail.retry_after);
  if (!result.was_asked()) return desk_.refuse(result.why, &head, one, out, result.detail.retry_after);
  auto context = one.reply(&head);
  context.status.how = asked.changes() ? way::method : way::bypass;
  if (!result.has_answer()) {
    context.status.detail = name_of(result.why);
    context.status.forward_status = one.record.upstream_status = result.detail.upstream_status;
    context.allow_origin = desk_.readable_by(head);
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
