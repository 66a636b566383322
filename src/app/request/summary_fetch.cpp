// The second half of summary_service: one fetch from its place among the upstream's exchanges to its landing.
#include "app/request/summary_service.hpp"
#include "app/request/waiting.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "core/upstream/verdict.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// A 429 says "not processed": the flight goes back to the head of its client's line, so often.
constexpr int max_attempts = 4;

}  // namespace

// The fetch itself. It belongs to no client: it ends by its own deadline and lands whatever happens (pilot).
task<void> summary_service::fly(flight_leader lead, wanted what, principal asks, upstream_permits::request permit, purpose why) {
  authorized_cache::asked when{shared_.cache.generation(what.key.call), {}};
  auto const started = mono_now();
  auto result = std::make_shared<fetch_result>();
  result->hops = hop_ledger{hop::lookup, started};
  bool wanted_still = !find_filed(what, started, *result);
  if (wanted_still) wanted_still = co_await wait_out_failures(lead, what, permit, why, *result);
  if (!wanted_still) {
    lead.land(std::move(result));
    co_return;
  }
  auto const request =
      compose_request(upstream_.host_field(), what.request.call, what.request.state, asks.authorization.reveal(), asks.trace);
  for (int attempt = 1;; ++attempt) {
    result->hops.enter(hop::budget_wait, mono_now());
    auto admitted = co_await take_permit(permit, why, attempt);
    if (!admitted.granted) {
      if (attempt == 1) shed(admitted, *result);  // else the upstream's own refusal stands
      break;
    }
    // Its time is its own: what a client can wait for says nothing about the upstream.
    when.at = mono_now();
    exchange_deadline const until{when.at + at_.config.upstream.timeout, upstream_permits::extension_of(permit)};
    auto got = co_await upstream_.fetch(request, repetition::safe, until, result->hops);
    at_.clients.count_calls(asks.name, 1 + got.repetitions);
    result->retries += got.repetitions;
    conclude(std::move(got), what, when, admitted.granted, *result);
    // With something that may stand in, or for nobody, there is no need to insist.
    bool const insists = why == purpose::answer && !may_serve_stale(what.found) && attempt < max_attempts && !lead.is_abandoned();
    if (result->is != fetch_result::ending::throttled || !insists || !shared_.permits.may_repeat(permit)) break;
    at_.counters.retries[static_cast<std::size_t>(retry_reason::throttled)].add();
    ++result->retries;
  }
  note_failures(what, *result);
  result->hops.stop(mono_now());
  lead.land(std::move(result));
}

// A call at which the upstream failed again and again is not asked about at once: who has the time waits, the others are told. False: there
// is nothing to ask for any more.
task<bool> summary_service::wait_out_failures(const flight_leader& lead, const wanted& what, upstream_permits::request permit, purpose why,
                                              fetch_result& result) {
  auto const begun = mono_now();
  auto const failing = shared_.failing.look(what.scope(), shared_.visible.is_proved(what.key.owner, begun), begun);
  if (!failing) co_return true;
  if (why == purpose::refresh || !shared_.permits.leaves_time(permit, begun + failing->retry_in)) {
    result.is = fetch_result::ending::shed;
    result.why = fault::call_failing;
    result.detail.retry_after = std::chrono::ceil<std::chrono::seconds>(failing->retry_in);
    result.detail.upstream_status = failing->status;
    co_return false;
  }
  result.hops.enter(hop::budget_wait, begun);
  auto const pause = std::make_shared<sleeper>(at_.get_executor());
  co_await pause->sleep_until(begun + failing->retry_in);
  if (lead.is_abandoned()) result.is = fetch_result::ending::abandoned;
  co_return !lead.is_abandoned();
}

void summary_service::note_failures(const wanted& what, const fetch_result& result) {
  auto const now = mono_now();
  if (result.is == fetch_result::ending::answered) return shared_.failing.note_success(what.scope());
  bool const failed = result.is == fetch_result::ending::failed && feedback_of(result.why).is == exchange_outcome::failed;
  if (failed)
    shared_.failing.note_failure(what.scope(), shared_.visible.is_proved(what.key.owner, now), result.detail.upstream_status, now);
}

task<upstream_permits::admitted> summary_service::take_permit(upstream_permits::request permit, purpose why, int attempt) {
  auto const where = attempt == 1 ? fair_queue::position::last : fair_queue::position::first;
  upstream_permits::admitted made;
  if (why == purpose::refresh) {
    made = shared_.permits.try_acquire(permit);
  } else {
    made = co_await shared_.permits.acquire(permit, where);
  }
  co_return made;
}

// Nothing was asked, so nothing is known: neither a look nor a failure.
void summary_service::shed(const upstream_permits::admitted& why, fetch_result& result) {
  result.detail = detail_of(why, at_.config);
  result.is = why.abandoned ? fetch_result::ending::abandoned : fetch_result::ending::shed;
  result.why = fault_of(why.why);
}

// Between a reader's look into the cache and its turn to fly, another flight may have landed and filed the answer.
bool summary_service::find_filed(const wanted& what, mono_time asked_at, fetch_result& result) {
  if (what.is_bypass()) return false;
  auto const moment = at_.date.instant_at(mono_now());
  auto const found = look(what, moment);
  if (decide(found, what.request.state, {}, moment, at_.config.cache.freshness).is != lookup::hit) return false;
  // Who insisted on the upstream has no use for what was there before.
  if (what.found == lookup::asked_newer && found.kept->asked_at < asked_at) return false;
  result.answer.made = found.kept;
  result.is = fetch_result::ending::found;
  result.hops.stop(moment.mono);
  return true;
}

// From what the upstream sent to what readers get: judged, serialised, filed.
void summary_service::conclude(fetched got, const wanted& what, const authorized_cache::asked& when, upstream_permits::permit& permit,
                               fetch_result& result) {
  if (got.result.failed) {
    report(at_, permit, *got.result.failed, got.connected);
    return fail(result, what, *got.result.failed, not_stored::never);
  }
  auto& answer = got.result.answer;
  result.hops.enter(hop::inspect, mono_now());
  auto meaning = judge_answer(answer, what.request.call, at_.bodies);
  if (contradicts(meaning, shared_.visible.peek(what.key))) {
    meaning = contradiction();
    shared_.visible.withdraw(what.key);
  }
  // Before others are let go on by it: those who ask with the same credential are then known to be good, or not.
  auto const about = evidence_of(answer.status, meaning);
  shared_.visible.learn(what.key, about, meaning.account, when, mono_now());
  report(at_, shared_, permit, meaning, about, answer);
  if (meaning.is == verdict_kind::broken) {
    if (meaning.why == fault::upstream_error) {
      result.detail.upstream_status = answer.status;
      result.detail.upstream_code = meaning.code;
    }
    return fail(result, what, meaning.why, meaning.why_not);  // the connection is not trusted again
  }
  upstream_.keep(std::move(got.connection));

  auto const moment = now();
  clamp_retry_after(answer, moment.wall, std::chrono::floor<std::chrono::seconds>(at_.config.upstream.max_retry_after));
  result.hops.enter(hop::store, moment.mono);
  result.answer = remember(answer, meaning, moment, at_.config.cache.freshness, at_.config.cache.gzip && what.storable, when.at);
  result.is = meaning.is == verdict_kind::throttled ? fetch_result::ending::throttled : fetch_result::ending::answered;
  file(what, meaning.is, when, moment, result.answer);
}

// What becomes of an answer in the cache, and of what was kept before it.
void summary_service::file(const wanted& what, verdict_kind meant, const authorized_cache::asked& when, const instant& now,
                           remembered& answer) {
  if (!what.storable && !answer.why_not) answer.why_not = not_stored::client_forbids;
  if (!answer.why_not) answer.why_not = shared_.visible.insert(what.key, answer.made, when, now);
  if (!answer.why_not) return;
  leave_not_stored(what, *answer.why_not);
  if (meant == verdict_kind::throttled) return shared_.visible.note_failure(what.key, what.request.state, now.mono);
  shared_.visible.note_answer(what.key, {*answer.made, what.request.state, !is_no_version(*answer.why_not)}, now.mono);
  if (meant != verdict_kind::found) return;
  // A summary that was given and is not kept: no older one may be given after it, were it kept or under way.
  if (*answer.why_not == not_stored::client_forbids || outdates(*answer.why_not)) shared_.visible.note_newer(what.key, when);
  if (outdates(*answer.why_not)) shared_.visible.withdraw(what.key);
}

void summary_service::fail(fetch_result& result, const wanted& what, fault why, not_stored why_not) {
  result.is = fetch_result::ending::failed;
  result.why = why;
  leave_not_stored(what, why_not);
  shared_.visible.note_failure(what.key, what.request.state, mono_now());
}

void summary_service::leave_not_stored(const wanted& what, not_stored why_not) {
  at_.counters.not_stored[static_cast<std::size_t>(why_not)].add();
  shared_.cache.note_not_stored(what.key, why_not, mono_now());
}

}  // namespace gateway
