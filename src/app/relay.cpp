#include "app/relay.hpp"

#include "app/waiting.hpp"
#include "core/limit/concurrency_fields.hpp"
#include "core/request/cross_site.hpp"
#include "core/request/patience.hpp"
#include "core/upstream/news.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "core/upstream/standing.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

using way = cache_status::way;

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
  one.record.hops.enter(hop::budget_wait, one.now);
  waiting_place const waits{shared_.waiting};
  if (waits.before() >= at_.config.limits.max_waiters) {
    desk_.refuse(fault::too_many_waiters, &head, one, out);
    co_return;
  }
  auto deadline = std::min(one.deadline, one.now + at_.config.upstream.timeout);
  if (auto const patience = client_patience(head.request_timeout, head.prefer)) deadline = std::min(deadline, one.now + *patience);
  auto const who = applicant_of(shared_, one.from);
  auto const turn = upstream_turns::apply(at_.get_executor(), who, one.now, deadline - one.now);
  auto admitted = co_await shared_.turns.acquire(turn, fair_queue::position::last);
  if (!admitted.granted) {
    one.now = mono_now();
    auto const retry_after = detail_of(admitted, at_.config).retry_after;
    append_concurrency(one.rate_limit, shared_.turns.of(who.account), retry_after);
    desk_.refuse(fault_of(admitted.why), &head, one, out, retry_after);
    co_return;
  }
  auto const owner = one.from.memo.last()->owner;
  principal const asks{one, head};
  auto const request = compose_request(upstream_.host_field(), asked, asks.authorization.reveal(), asks.trace);
  auto const twice = asked.changes() ? repetition::never : repetition::safe;
  auto const asked_at = mono_now();
  auto got = co_await upstream_.fetch(request, twice, deadline, one.record.hops);
  one.now = mono_now();
  one.record.hops.enter(hop::inspect, one.now);
  one.record.retries = got.repetitions;
  at_.clients.count_calls(asks.name, 1 + got.repetitions);
  auto const what = conclude(std::move(got), asked, owner, asked_at, admitted.granted);
  append_concurrency(one.rate_limit, shared_.turns.of(who.account), {});
  deliver(what, asked, head, one, out);
}

// From what the upstream sent to what the client gets, and what it means for what is kept.
relay::result relay::conclude(fetched got, const relayed_request& asked, const partition& owner, mono_time asked_at,
                              upstream_turns::turn& turn) {
  result made;
  auto& answer = got.result.answer;
  bool may_have_changed = asked.changes() && got.result.sent;
  if (got.result.failed) {
    made.failed = got.result.failed;
    report(at_, turn, *made.failed);
  } else {
    auto const about = asked.what == resource::annotation ? asked.call : std::nullopt;
    auto const meaning = judge_relayed(answer, about, at_.bodies);
    report(at_, shared_, turn, meaning, answer);
    may_have_changed = may_have_changed && may_have_applied(answer.status);
    if (meaning.is == verdict_kind::broken) {
      made.failed = meaning.why;
      if (meaning.why == fault::upstream_error) made.detail.upstream_status = answer.status, made.detail.upstream_code = meaning.code;
    } else {
      upstream_.keep(std::move(got.connection));
      auto const moment = now();
      clamp_retry_after(answer, moment.wall, std::chrono::floor<std::chrono::seconds>(at_.config.upstream.max_retry_after));
      made.answer = remember(answer, meaning, moment, at_.config.cache.freshness, false);
      shared_.visible.learn_beside(owner, standing_beside(meaning), asked_at, moment.mono);
    }
  }
  made.detail.may_have_applied = made.failed && may_have_changed;
  // Before the answer is given: who has it, and reads, sees what was written. Fetches under way are fenced off by this, too.
  if (may_have_changed) shared_.cache.note_change(*asked.call);
  return made;
}

void relay::deliver(const result& what, const relayed_request& asked, const request_head& head, exchange& one, std::string& out) {
  one.close = one.close || one.is_parting();
  auto context = one.reply(&head);
  context.status.how = asked.changes() ? way::method : way::bypass;
  if (what.failed) {
    context.status.detail = name_of(*what.failed);
    context.status.forward_status = one.record.upstream_status = what.detail.upstream_status;
    context.allow_origin = desk_.readable_by(head);
    one.record.fail(*what.failed);
    one.record.status = append_fault(out, *what.failed, what.detail, context);
    return;
  }
  auto const& made = *what.answer.made;
  one.record.ended = outcome::bypass;
  context.status.detail = one.record.detail = name_of(asked.what);
  context.status.forward_status = one.record.upstream_status = made.status;
  if (asked.changes()) context.if_none_match = {};  // it has been carried out: there is no 304 any more
  std::string timing;
  if (at_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  one.record.status = append_first(out, made, what.answer.fresh_fields, context);
}

}  // namespace gateway
