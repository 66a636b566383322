#include "app/request/data_service.hpp"

#include "app/request/quota_desk.hpp"
#include "app/state/find_beside_writes.hpp"
#include "core/cache/freshness.hpp"
#include "core/request/health_check.hpp"
#include "core/request/summary_request.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

using way = cache_status::way;

// Why a request goes upstream, for Cache-Status.
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

std::string_view detail_of(const decision& hit) {
  if (hit.is == lookup::hit_checked) return "recently_revalidated";
  if (hit.is == lookup::hit_failed) return "stale_if_error";
  if (hit.is == lookup::stale) return hit.failing ? "stale_if_error" : "stale_while_revalidate";
  return "";
}

responder::description describe(lookup found, bool storable, bool collapsed) {
  responder::description as;
  bool const bypass = found == lookup::bypass;
  as.ended = bypass ? outcome::bypass : collapsed ? outcome::coalesced : outcome::miss;
  as.forwarded = way_of(found);
  as.collapsed = collapsed;
  as.detail = bypass ? "partial" : storable ? "" : "no_store";
  return as;
}

}  // namespace

std::optional<data_service::pending> data_service::answer_now(exchange& one) {
  auto const& head = *one.head;
  one.record.method = logged_method_of(head.method);
  one.record.what = one.path.what;
  if (!head.traceparent.empty()) one.record.trace = parse_traceparent(head.traceparent).value_or(trace_place{});
  if (one.path.what == resource::none && is_health_check(head) && at_.config.livez) return answers_.give_health(one), std::nullopt;
  if (head.has_via && gate_.refuses_loop(one)) return std::nullopt;
  // Is it a request for a summary at all?
  if (head.asterisk_form) return answers_.give_preflight(one), std::nullopt;
  if (is_passthrough(one.path.what)) return passthrough_.answer_now(one);
  auto const request = parse_summary_request(one.path, head, at_.config.unknown_parameters);
  if (!request) return answers_.refuse(request.error(), one), std::nullopt;
  one.record.call = request->call;
  if (request->method == summary_method::options) return answers_.give_preflight(one), std::nullopt;
  // Whose credential is it, and may that client ask so often? Before the cache: a hit leaks as much as a miss.
  auto const* const who = gate_.admit(one);
  if (who == nullptr) return std::nullopt;
  // A hit would skip what the client wants Twilio to check.
  if (request->has_unknown || head.has_client_validation) {  // defence: passes-uncached
    if (head.cache_control.only_if_cached()) return answers_.refuse(fault::not_cached, one), std::nullopt;
    return pass_through(*request, head);
  }
  // Is the answer known?
  pending_summary what{*request, cache_key{who->owner, request->call, parts_.waiting.table_key}, !head.cache_control.no_store(), one.now};
  if (who->claims) what.expires = who->claims->expires;
  if (!what.is_bypass()) {
    auto const moment = at_.date.instant_at(one.now);
    auto* const shadow = head.cache_control.only_if_cached() ? nullptr : parts_.fetching.shadow;
    if (shadow != nullptr) shadow->expect(what.key);
    auto found = find_beside_writes(parts_.fetching.visible, parts_.fetching.writes, what.key, moment, &reader_);
    // Twilio says what becomes of an expired token.
    if (what.has_expired(moment.wall)) found.stored = nullptr;  // defence: expired-token
    auto const decided = decide(found, what.state, head.cache_control, moment, at_.config.cache.freshness);
    what.found = decided.is;
    if (shadow != nullptr) shadow->looked(what.key, found.at, found, decided, what.state, head.cache_control, one.now);
    if (is_answer(decided.is)) {
      one.record.looked_up = what.found;
      if (decided.is == lookup::stale) refresh(what, found.at, one);
      if (!head.cache_control.only_if_cached() && holds_.takes(what, found.stored, one)) return what;
      count_spared(*found.stored, what.key, one.now);
      return answers_.give_stored(*found.stored, decided.judged, detail_of(decided), one), std::nullopt;
    }
  }
  one.record.looked_up = what.found;
  if (head.cache_control.only_if_cached()) return answers_.refuse(fault::not_cached, one), std::nullopt;
  return what;
}

task<void> data_service::answer_later(pending what, exchange& one) {
  auto* const asked = std::get_if<passthrough_request>(&what);
  if (asked != nullptr) {
    auto answering = passthrough_.answer_later(*asked, one);
    co_await std::move(answering);
    co_return;
  }
  auto& summary = std::get<pending_summary>(what);
  if (!summary.is_held()) {
    auto answering = answer_by_upstream(summary, one);
    co_await std::move(answering);
  }
  // Apart from the exchange, whose frames and place among the waiting requests are free by now.
  if (!summary.is_held()) co_return;
  auto holding = holds_.hold(summary, one);
  co_await std::move(holding);
}

// Unless the answer is that the call is not ready, and the reader is held.
task<void> data_service::answer_by_upstream(pending_summary& what, exchange& one) {
  waiting_request const waiting{parts_.waiting, one, resource::summary, values_.timeout};
  if (waiting.is_one_too_many(at_.config)) {  // defence: waiting-bound
    give_without_upstream(fault::too_many_waiters, what, one);
    co_return;
  }
  // With a stale answer to give, no client is made to wait for a call at which the upstream fails.
  auto const failing = parts_.fetching.failing.look(question_scope(what.key, what.state), waiting.who.proved, one.now);
  if (failing && may_serve_stale(what.found)) {
    give_without_upstream(fault::call_failing, what, one, std::chrono::ceil<std::chrono::seconds>(failing->retry_in));
    co_return;
  }
  auto const fetched = co_await await_fetch(what, waiting, one);
  // Without a result, its exchange may still be under way.
  one.record.asked_upstream = fetched.leads && (!fetched.result || fetched.result->was_asked());
  if (!gate_.may_still(one)) co_return;  // defence: right-taken-while-fetched
  one.record.hops.enter(hop::lookup, one.now);
  if (!fetched.result) {
    give_without_upstream(fetched.why, what, one);
    co_return;
  }
  if (fetched.leads) {
    one.record.hops.adopt(fetched.result->hops);
    one.record.retries = fetched.result->retries;
  }
  if (fetched.result->has_answer() && holds_.takes(what, fetched.result->answer.made, one)) co_return;
  give(*fetched.result, what, !fetched.leads, one);
}

// A flight that ends because its first requests had to leave is not the end of this one: it joins another, or starts it.
task<data_service::awaited> data_service::await_fetch(const pending_summary& what, const waiting_request& waiting, exchange& one) {
  awaited last;
  for (bool again = true; again;) {
    auto joined = fetches_.join(what.key, what.state, what.storable, waiting.who, waiting.permit_until);
    last.leads = joined.lead.has_value();
    // Lanes may look at the same moment: the bound may be exceeded by as many requests as there are lanes.
    if (!last.leads && joined.joined->waiting() >= at_.config.limits.max_waiters_per_call) {  // defence: waiting-per-call
      last.result = nullptr;
      last.why = fault::too_many_waiters;
      co_return last;
    }
    if (last.leads) {
      auto const purpose = may_serve_stale(what.found) ? fetch_purpose::revalidate : fetch_purpose::answer;
      // A client that insists on the upstream has no use for what was stored before, and an expired token no right to it.
      bool const is_new = what.found == lookup::asked_newer || what.has_expired(at_.date.instant_at(one.now).wall);
      auto const since = is_new ? one.now : mono_time::min();
      fetch_order order{what.key, what.state, principal{one, parts_.gate.via}, waiting.who, purpose, what.storable, since};
      order.cache_control = one.head->cache_control;
      order.leaves_early = std::max(waiting.permit_until - waiting.deadline, mono_time::duration{});
      fetches_.run(std::move(*joined.lead), std::move(order));
    }
    last.result = co_await flight::wait(joined.joined, at_.get_executor(), waiting.deadline, &one.reader);
    one.now = mono_now();
    bool const others_ended = last.result && !last.leads && last.result->is_end_of_others();  // defence: ended-by-others
    again = others_ended && one.now < waiting.deadline && !one.reader.has_ended();
    if (!again || last.result->why != fault::quota_exhausted) continue;
    // Many that joined need not lead one after the other to hear the same.
    auto refused = refused_by_quota(parts_.fetching.quotas, payer_of(one));
    if (!refused) continue;
    last.result = std::make_shared<const fetch_result>(std::move(*refused));
    again = false;
  }
  co_return last;
}

void data_service::give(const fetch_result& result, const pending_summary& what, bool collapsed, exchange& one) {
  using ending = fetch_result::ending;
  bool const says_something = result.is == ending::answered || result.is == ending::found;
  if (!says_something && give_stale(what, one)) return;
  if (result.is == ending::found) {
    auto const& made = *result.answer.made;
    one.record.by_fleet = result.by_fleet;
    return answers_.give_stored(made, judge(made, at_.date.instant_at(one.now), at_.config.cache.freshness), result.by_fleet ? "fleet" : "",
                                one);
  }
  add_upstream_fields(parts_.waiting, one, resource::summary, result);
  one.record.why_not_stored = result.answer.why_not;
  answers_.give_fetched(result, describe(what.found, what.storable, collapsed), one);
}

void data_service::give_without_upstream(fault why, const pending_summary& what, exchange& one, std::chrono::seconds retry_after) {
  if (!give_stale(what, one)) answers_.refuse(why, one, retry_after);
}

// False if there is nothing to give, or nothing any more: while the request waited, the entry may have been erased, revoked or
// contradicted.
bool data_service::give_stale(const pending_summary& what, exchange& one) {
  if (!may_serve_stale(what.found)) return false;
  auto const moment = at_.date.instant_at(one.now);
  if (what.has_expired(moment.wall)) return false;
  auto const found = parts_.fetching.visible.find(what.key, moment);
  if (!found.stored || found.stored->kind != answer_kind::complete) return false;
  answers_.give_stored(*found.stored, judge(*found.stored, moment, at_.config.cache.freshness), "stale_if_error", one);
  one.record.ended = outcome::stale;
  return true;
}

// A "not ready" that is older than cache.not_ready_for would have cost a look without the schedule of core/polling.
void data_service::count_spared(const entry& given, const cache_key& key, mono_time now) {
  if (given.kind != answer_kind::not_ready || now - given.stored_at < at_.config.cache.freshness.not_ready_for) return;
  if (parts_.fetching.polled.spares_look(key, now)) at_.counters.looks_saved.add();
}

// One refresh at a time, and not again before the back-off; no request waits for it.
void data_service::refresh(const pending_summary& what, const cache_key& stale, exchange& one) {
  // Its client's request causes it. Another client's may cause it now.
  if (refused_by_quota(parts_.fetching.quotas, payer_of(one))) return;  // defence: quota-refresh
  refresh_claim const claim{stale, one.now + at_.config.cache.freshness.refresh_backoff};
  if (!parts_.fetching.cache.claim_refresh(claim.of, one.now, claim.until)) return;
  auto const who = requester_of(parts_.waiting, one.from, resource::summary, one.now);
  auto joined = fetches_.join_refresh(what.key, who, one.now);
  if (!joined.lead) return;
  fetch_order order{what.key, processing_state::absent, principal{one, parts_.gate.via}, who, fetch_purpose::refresh};
  order.claim = claim;
  fetches_.run(std::move(*joined.lead), std::move(order));
}

void data_service::prefetch(const identity& whose, const call_sid& call) {
  client asker;
  asker.memo.keep("", 0, whose);
  auto const now = mono_now();
  auto const who = requester_of(parts_.waiting, asker, resource::summary, now);
  cache_key const key{whose.owner, call, parts_.waiting.table_key};
  auto joined = fetches_.join_refresh(key, who, now);
  if (!joined.lead) return;
  fetches_.run(std::move(*joined.lead),
               {key, processing_state::absent, principal{at_, whose, parts_.gate.via}, who, fetch_purpose::refresh});
}

}  // namespace gateway
