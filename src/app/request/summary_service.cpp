#include "app/request/summary_service.hpp"

#include "app/request/waiting.hpp"
#include "core/cache/freshness.hpp"
#include "core/request/client_deadline.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

using way = cache_status::way;

outcome hit_outcome(answer_kind kind, freshness state) {
  if (kind != answer_kind::complete) return outcome::negative_hit;
  return state == freshness::stale ? outcome::stale : outcome::hit;
}

way way_of(lookup found) {
  switch (found) {
    case lookup::bypass:
      return way::bypass;
    case lookup::asked_newer:
      return way::request;
    case lookup::overdue:
    case lookup::ask_first:
    case lookup::purged:
      return way::stale;
    default:
      return way::miss;
  }
}

}  // namespace

std::optional<summary_service::wanted> summary_service::answer_now(const route& where, const request_head& head, exchange& one,
                                                                   std::string& out) {
  // Is it a request for a summary at all?
  auto const request = parse_summary_request(where, head);
  if (!request) return gate_.refuse(request.error(), &head, one, out), std::nullopt;
  one.record.call = request->call;
  if (request->method == summary_method::options) return gate_.answer_preflight(head, one, out), std::nullopt;
  // Who asks, and may they so often? Before the cache: a hit leaks as much as a miss, and this is about abuse, not about the upstream.
  auto const* const who = gate_.admit(head, one, out);
  if (who == nullptr) return std::nullopt;
  // Do we know the answer?
  wanted what{*request, cache_key{who->owner, request->call, shared_.table_key}};
  what.storable = !head.cache_control.no_store();
  if (answer_from_cache(what, head, one, out)) return std::nullopt;
  if (head.cache_control.only_if_cached()) return gate_.refuse(fault::not_cached, &head, one, out), std::nullopt;
  return what;
}

bool summary_service::answer_from_cache(wanted& what, const request_head& head, exchange& one, std::string& out) {
  one.record.looked_up = what.found = lookup::bypass;
  if (what.is_bypass()) return false;
  auto const moment = one.at.date.instant_at(one.now);
  auto const found = look(what, moment);
  auto const decided = decide(found, what.request.state, head.cache_control, moment, at_.config.cache.freshness);
  one.record.looked_up = what.found = decided.is;
  if (!is_answer(decided.is)) return false;
  std::string_view detail;
  if (decided.is == lookup::hit_checked) detail = "recently_revalidated";
  if (decided.is == lookup::hit_failed) detail = "stale_if_error";
  if (decided.is == lookup::stale) {
    detail = decided.failing ? "stale_if_error" : "stale_while_revalidate";
    refresh(what, found.at, head, one);
  }
  give_kept(*found.kept, decided.judged, detail, head, one, out);
  return true;
}

// What the credential may see, in doubt while it writes to the call itself.
authorized_cache::found summary_service::look(const wanted& what, const instant& now) {
  auto found = shared_.visible.find(what.key, now);
  found.purged = found.purged || shared_.writes.covers(what.key);
  return found;
}

void summary_service::give_kept(const entry& kept, const judgement& judged, std::string_view detail, const request_head& head,
                                exchange& one, std::string& out) {
  auto context = one.reply(&head);
  context.status.how = way::hit;
  context.status.ttl = judged.ttl;
  context.status.detail = one.record.detail = detail;
  context.retry_after = retry_after_of(kept, one.now);
  std::string timing;
  if (at_.config.server_timing) {
    auto so_far = one.record.hops;
    so_far.stop(mono_now());
    timing = server_timing(so_far);
    context.server_timing = timing;
  }
  one.record.ended = hit_outcome(kept.kind, judged.is);
  one.record.status = append_hit(out, kept, judged.age, context);
}

bool summary_service::serve_stale(const wanted& what, const request_head& head, exchange& one, std::string& out) {
  if (!may_serve_stale(what.found)) return false;
  // Looked for anew: while the reader waited it may have been erased, revoked, or contradicted.
  auto const moment = one.at.date.instant_at(one.now);
  auto const found = shared_.visible.find(what.key, moment);
  if (!found.kept || found.kept->kind != answer_kind::complete) return false;
  give_kept(*found.kept, judge(*found.kept, moment, at_.config.cache.freshness), "stale_if_error", head, one, out);
  one.record.ended = outcome::stale;
  return true;
}

void summary_service::reject(fault why, const wanted& what, const request_head& head, exchange& one, std::string& out,
                             std::chrono::seconds retry_after) {
  if (!serve_stale(what, head, one, out)) gate_.refuse(why, &head, one, out, retry_after);
}

// One refresh at a time, and not again before the back-off; nobody waits for it.
void summary_service::refresh(const wanted& what, const cache_key& stale, const request_head& head, exchange& one) {
  if (!shared_.cache.claim_refresh(stale, one.now, one.now + at_.config.cache.freshness.refresh_backoff)) return;
  auto plain = what;
  plain.request.state = processing_state::absent;
  plain.storable = true;  // for everybody's sake, whatever this reader wants for itself
  flight_key const key{plain.key, plain.request.state, shared_.cache.generation(plain.key.call), true};
  auto const who = requester_of(shared_, one.from, resource::summary, one.now);
  auto const timeout = at_.config.upstream.timeout;
  auto const permit = shared_.permits.apply(at_.get_executor(), who, one.now + timeout, timeout);
  auto boarding = shared_.flights.board(key, permit, true);
  if (!boarding.lead) return;
  at_.start_task("refresh", fly(std::move(*boarding.lead), plain, principal(one, head), permit, purpose::refresh));
}

task<void> summary_service::answer_later(wanted what, const request_head& head, exchange& one, std::string& out) {
  // Earlier answers may have taken their time to be written: ours begins now.
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::flight_wait, one.now);
  auto const who = requester_of(shared_, one.from, resource::summary, one.now);
  waiting_place const place{shared_.waiting, who};
  if (place.is_one_too_many(at_.config.limits.max_waiters)) {
    reject(fault::too_many_waiters, what, head, one, out);
    co_return;
  }
  // With something that may stand in nobody is made to wait for a call that fails.
  if (auto const failing = shared_.failing.look(what.scope(), who.proved, one.now); failing && may_serve_stale(what.found)) {
    reject(fault::call_failing, what, head, one, out, std::chrono::ceil<std::chrono::seconds>(failing->retry_in));
    co_return;
  }
  auto const until = one.now + at_.config.upstream.timeout;
  auto deadline = std::min(one.deadline, until + waiting_grace);
  if (auto const patience = client_deadline(head.request_timeout, head.prefer)) deadline = std::min(deadline, one.now + *patience);
  bool leads = false;
  fetch_result_ptr completed;
  // A flight that ends with the time, or the patience, of those who came before is not the end of ours.
  for (bool again = true; again;) {
    auto boarding = board(what, who, until);
    leads = boarding.lead.has_value();
    // Lanes may look at the same moment: the bound may be exceeded by as many readers as there are lanes.
    if (!leads && boarding.joined->waiting() >= at_.config.limits.max_waiters_per_call) {
      reject(fault::too_many_waiters, what, head, one, out);
      co_return;
    }
    if (leads)
      at_.start_task("flight", fly(std::move(*boarding.lead), what, principal(one, head), boarding.joined->permit, purpose::answer));
    completed = co_await flight::wait(boarding.joined, at_.get_executor(), deadline, &one.reader);
    one.now = mono_now();
    again = completed && !leads && completed->is_end_of_others() && one.now < deadline && !one.reader.has_ended();
  }
  one.record.hops.enter(hop::lookup, one.now);
  if (!completed) {
    reject(fault::upstream_timeout, what, head, one, out);
    co_return;
  }
  if (leads) {
    one.record.hops.adopt(completed->hops);
    one.record.retries = completed->retries;
  }
  deliver(*completed, what, !leads, head, one, out);
}

flight_table::boarding summary_service::board(const wanted& what, const requester& who, mono_time until) {
  auto const permit = shared_.permits.apply(at_.get_executor(), who, until, at_.config.upstream.timeout);
  if (what.is_bypass()) return flight_table::lead_alone(permit);
  flight_key const key{what.key, question(what.request.state), shared_.cache.generation(what.key.call), what.storable};
  auto boarding = shared_.flights.board(key, permit);
  // It must not wait behind another client's many.
  if (!boarding.lead) shared_.permits.join(boarding.joined->permit, who, until);
  return boarding;
}

void summary_service::deliver(const fetch_result& result, const wanted& what, bool collapsed, const request_head& head, exchange& one,
                              std::string& out) {
  one.close = one.close || one.is_parting();
  using ending = fetch_result::ending;
  bool const is_news = result.is == ending::answered || result.is == ending::found;
  if (!is_news && serve_stale(what, head, one, out)) return;
  if (result.is != ending::found) tell_share(shared_, one, resource::summary, result.detail.retry_after);
  auto context = one.reply(&head);
  if (result.was_asked()) context.status.how = way_of(what.found);
  context.status.collapsed = collapsed;
  if (!result.has_answer()) {
    context.status.detail = name_of(result.why);
    if (result.is == ending::failed) context.status.forward_status = one.record.upstream_status = result.detail.upstream_status;
    context.allow_origin = gate_.readable_by(head);
    one.record.fail(result.why);
    one.record.status = append_fault(out, result.why, result.detail, context);
    return;
  }
  auto const& made = *result.answer.made;
  if (result.is == ending::found) {
    auto const judged = judge(made, one.at.date.instant_at(one.now), at_.config.cache.freshness);
    give_kept(made, judged, "", head, one, out);
    return;
  }
  if (what.is_bypass()) {
    context.status.detail = "partial";
  } else if (!what.storable) {
    context.status.detail = "no_store";
  }
  one.record.detail = context.status.detail;
  one.record.why_not_stored = result.answer.why_not;
  one.record.ended = what.is_bypass() ? outcome::bypass : collapsed ? outcome::coalesced : outcome::miss;
  std::string timing;
  if (at_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  context.retry_after = retry_after_of(made, one.now);
  context.status.forward_status = one.record.upstream_status = made.status;
  context.status.stored = result.answer.is_kept();
  one.record.status = append_first(out, made, result.answer.fresh_fields, context);
}

}  // namespace gateway
