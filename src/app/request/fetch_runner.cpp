#include "app/request/fetch_runner.hpp"

#include "app/request/quota_desk.hpp"
#include "app/request/stored_answer.hpp"
#include "app/request/token_wait.hpp"
#include "core/polling/stand_in.hpp"
#include "core/upstream/content_coding.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/feedback.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/verdict.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// A 429 says "not processed": the fetch then goes back to the head of its client's queue. So many exchanges it may make in all.
constexpr int max_attempts = 4;

}  // namespace

flight_table::join_result fetch_runner::join(const cache_key& key, processing_state state, bool storable, const requester& who,
                                             mono_time permit_until) {
  auto const permit = parts_.permits.apply(at_.get_executor(), who, permit_until, values_.timeout);
  if (state == processing_state::partial) return flight_table::lead_alone(permit);  // defence: bypass-flies-alone
  auto result = parts_.flights.join({key, question(state), parts_.cache.generation(key.call), storable}, permit);  // defence: flight-key
  // This client's request must not wait behind the many of the client that began the flight.
  if (!result.lead) parts_.permits.join(result.joined->permit, who, permit_until);  // defence: joins-shorter-queue
  return result;
}

flight_table::join_result fetch_runner::join_refresh(const cache_key& key, const requester& who, mono_time now) {
  auto const timeout = values_.timeout;
  auto const permit = parts_.permits.apply(at_.get_executor(), who, now + timeout, timeout);
  return parts_.flights.join({key, processing_state::absent, parts_.cache.generation(key.call), true}, permit, true);
}

void fetch_runner::run(flight_leader lead, fetch_order order) {
  auto const name = order.purpose == fetch_purpose::refresh ? "refresh" : "flight";
  at_.start_task(name, fly(std::move(lead), std::move(order)));
}

task<void> fetch_runner::fly(flight_leader lead, fetch_order order) {
  course way{parts_.cache.generation(order.key.call), order.asks.subject, mono_now()};
  auto fetching = fetch(lead, order, way);
  auto result = co_await std::move(fetching);
  auto const done = std::make_shared<const fetch_result>(std::move(result));
  if (way.partial) {
    auto const partial = std::make_shared<const fetch_result>(*std::move(way.partial));
    parts_.held.arrived(order.key, way.when.generation, woken_readers::partial, partial);
  }
  parts_.held.arrived(order.key, way.when.generation, done->wakes, done);
  if (parts_.shadow != nullptr && parts_.shadow->is_on()) show(order, *done, way);
  lead.complete(done);
  if (!way.leads) co_return;
  auto settling = tier_.settle(std::move(way.leads));  // defence: lease-settled
  co_await std::move(settling);
}

task<fetch_result> fetch_runner::fetch(const flight_leader& lead, const fetch_order& order, course& way) {
  // Between the request's own lookup and this moment another flight may have stored the answer.
  auto result = find_stored(at_, parts_.visible, parts_.writes, order);
  if (result && !looks_.answers(order, result->answer.made->kind)) result.reset();
  if (!result) {
    auto asking = tier_.ask(lead, order, way.when, way.hops);
    auto shared = co_await std::move(asking);
    result = std::move(shared.result);
    way.leads = std::move(shared.leads);
  }
  if (!result) result = co_await wait_out_failures(lead, order, way.hops);  // defence: failing-back-off
  if (!result) {
    result = co_await ask(lead, order, way);
    note_health(order, *result);
  }
  // Who has no call left must not keep others from a refresh.
  bool const is_unpaid = order.claim && result->why == fault::quota_exhausted;  // defence: refresh-unclaimed
  if (is_unpaid) parts_.cache.give_up_refresh(order.claim->of, order.claim->until);
  // A refresh gives way to all requests. One that has joined it meanwhile asks for itself, and may wait for its permit.
  // defence: refresh-denied
  if (order.purpose == fetch_purpose::refresh && result->is == fetch_result::ending::shed) result->is = fetch_result::ending::abandoned;
  way.hops.stop(mono_now());
  result->hops = way.hops;
  co_return std::move(*result);
}

// A question at which the upstream failed again and again is not asked at once: a fetch that has the time waits, others are shed.
task<std::optional<fetch_result>> fetch_runner::wait_out_failures(const flight_leader& lead, const fetch_order& order, hop_ledger& hops) {
  auto const begun = mono_now();
  auto const scope = question_scope(order.key, order.state);
  auto const failing = parts_.failing.look(scope, parts_.visible.is_proved(order.key.owner, begun), begun);
  if (!failing) co_return std::nullopt;
  auto shed = fetch_result::failure(fault::call_failing);
  shed.is = fetch_result::ending::shed;
  shed.detail.retry_after = std::chrono::ceil<std::chrono::seconds>(failing->retry_in);
  shed.detail.upstream_status = failing->status;
  // defence: back-off-waited-out
  if (order.purpose == fetch_purpose::refresh || !parts_.permits.leaves_time(lead.permit(), begun + failing->retry_in)) co_return shed;
  hops.enter(hop::budget_wait, begun);
  auto const pause = std::make_shared<sleeper>(at_.get_executor());
  co_await pause->sleep_until(begun + failing->retry_in);
  if (!lead.is_abandoned()) co_return std::nullopt;
  shed.is = fetch_result::ending::abandoned;
  co_return shed;
}

// The exchange itself, again while the upstream answers 429 and nothing else can be given to the requests that wait.
task<fetch_result> fetch_runner::ask(const flight_leader& lead, const fetch_order& order, course& way) {
  way.stand_in = looks_.stand_in(order, now());
  auto const token_until = mono_now() + values_.timeout;
  bool token_ended = false;
  fetch_result result;
  for (int attempt = 1;;) {
    way.hops.enter(hop::budget_wait, mono_now());
    if (auto refused = refused_by_quota(parts_.quotas, order.asks.payer)) {  // before it waits in vain; defence: quota-asked-early
      if (attempt == 1) result = std::move(*refused);
      break;
    }
    if (order.asks.authorization.empty()) {
      auto waiting = wait_for_token(at_, parts_.credentials.tokens, order.key.owner, token_until, values_.max_retry_after);
      auto none = co_await std::move(waiting);
      if (none) co_return std::move(*none);
    }
    auto admitted = co_await take_permit(lead.permit(), order.purpose, attempt);
    if (!admitted.granted) {
      if (attempt == 1) result = shed_result(admitted, values_);  // else the upstream's own refusal is the answer
      break;
    }
    auto paying = parts_.quotas.take(at_.get_executor(), order.asks.payer);
    auto const taken = co_await std::move(paying);
    if (taken.is == quota_decision::kind::refused) {  // defence: quota-asked
      if (attempt == 1) result = quota_refusal(taken, order.asks.payer);
      break;
    }
    paid_call paid{parts_.quotas, order.asks.payer, taken};
    // The exchange has its full time from here on: how long a client can wait says nothing about the upstream.
    way.when.at = mono_now();
    auto const request = request_of(order, way);
    if (request.empty()) continue;  // the token has ended while this one waited for its permit
    if (auto const held = may_use_credential(parts_.credentials, order.key.owner, resource::summary, way.when.at)) co_return *held;
    exchange_deadline const until{way.when.at + values_.timeout, upstream_permits::extension_of(lead.permit())};
    auto const kind = admitted.granted.is_probe() ? exchange_kind::probe : exchange_kind::read;
    auto got = co_await upstream_.fetch(request, kind, until, nullptr, way.hops);
    if (got.result.sent) paid.sent();
    at_.clients.count_calls(order.asks.name, 1 + got.repetitions);
    auto const retries = result.retries + got.repetitions;
    result = conclude(std::move(got), order, admitted.granted, way);  // defence: fetch-outlives-client
    result.retries = retries;
    bool const may_go_on = attempt++ < max_attempts && !lead.is_abandoned();
    if (std::exchange(way.asks_plainly, false) && may_go_on) {
      way.stand_in.reset();
      continue;
    }
    if (result.token_ended && may_go_on && !std::exchange(token_ended, true)) {
      ++result.retries;
      continue;
    }
    bool const insists = order.purpose == fetch_purpose::answer && may_go_on;
    if (result.is != fetch_result::ending::throttled || !insists || !parts_.permits.may_repeat(lead.permit())) break;
    at_.counters.retries[static_cast<std::size_t>(retry_reason::throttled)].add();
    ++result.retries;
  }
  co_return result;
}

secret fetch_runner::request_of(const fetch_order& order, const course& way) const {
  auto const state = way.stand_in ? processing_state::partial : order.state;
  auto const send = [&](const secret& authorization) {
    // defence: upstream-host
    return compose_request(upstream_.host_field(), order.key.call, state, authorization.reveal(), order.asks.fields);
  };
  if (!order.asks.authorization.empty()) return send(order.asks.authorization);
  auto const token = parts_.credentials.tokens.current(order.key.owner, way.when.at);
  return token ? send(*token) : secret{};
}

task<upstream_permits::admitted> fetch_runner::take_permit(upstream_permits::request permit, fetch_purpose why, int attempt) {
  auto const where = attempt == 1 ? fair_queue::position::last : fair_queue::position::first;
  upstream_permits::admitted made;
  if (why == fetch_purpose::refresh) {
    made = co_await parts_.permits.try_acquire(permit);
  } else {
    made = co_await parts_.permits.acquire(permit, where);
  }
  co_return made;
}

// Whether the upstream is able to answer this question.
void fetch_runner::note_health(const fetch_order& order, const fetch_result& result) {
  auto const scope = question_scope(order.key, order.state);
  if (result.is == fetch_result::ending::answered) return parts_.failing.note_success(scope);
  if (result.is != fetch_result::ending::failed || feedback_of(result.why).is != exchange_outcome::failed) return;
  auto const now = mono_now();
  auto const status = names_status(result.why) ? result.detail.upstream_status : 0;
  parts_.failing.note_failure(scope, parts_.visible.is_proved(order.key.owner, now), status, now);
}

// From what the upstream sent to what the waiting requests get: judged, serialised, stored.
fetch_result fetch_runner::conclude(fetched got, const fetch_order& order, upstream_permits::permit& permit, course& way) {
  auto const& when = way.when;
  if (got.result.failed) {
    report_failure(at_, permit, *got.result.failed, got.connected);
    note_failure(order, not_stored::never);
    return failed_result(*got.result.failed, got.result.answer);  // defence: half-read-dropped
  }
  auto& answer = got.result.answer;
  way.hops.enter(hop::inspect, mono_now());
  decode_content(answer, at_.config.upstream.max_body_bytes);
  auto meaning = judge_answer(answer, order.key.call, at_.bodies);
  if (contradicts(meaning, parts_.visible.peek(order.key, when.subject))) {  // defence: account-changed
    meaning = contradiction();
    parts_.visible.withdraw(order.key, when.subject);
    if (way.leads) way.leads->leaves.withdrawn = way.leads->asked.owners;
  }
  // Before the permit ends, which lets other requests with this credential go on: it is then known to be good, or not.
  auto evidence = evidence_of(answer.status, meaning);
  auto refused = learn_of_credential(at_, parts_.credentials, order.key.owner, resource::summary, answer, meaning, evidence, when.at);
  if (refused && refused->token_ended) evidence = credential_evidence::unchanged;
  if (!refused) parts_.visible.learn(order.key, evidence, meaning.account, when, mono_now());
  report_answer(at_, values_, parts_.told, permit, {meaning, evidence, answer, when.at});
  if (refused) {  // its connection is not used again: the next refusal then comes over another one
    note_not_stored(order, not_stored::never);
    return *std::move(refused);
  }
  if (meaning.is == verdict_kind::broken) {  // its connection is not trusted again
    note_failure(order, meaning.why_not);
    auto failed = broken_result(meaning, answer, values_);
    failed.about_leader = meaning.why == fault::loop && order.asks.came_by_proxies;  // defence: loop-of-leader
    return failed;
  }
  upstream_.keep(std::move(got.connection));

  auto const moment = now();
  report_dropped_fields(at_, parts_.dropped_names, answer);
  clamp_retry_after(answer, moment, values_);  // defence: retry-after-passed
  if (way.stand_in && looks_.is_refused(order, meaning, moment)) {
    way.asks_plainly = true;
    note_not_stored(order, meaning.why_not);
    return looks_.known_instead(order, *way.stand_in, answer, meaning.why_not, when.at);
  }
  if (way.stand_in && meaning.is == verdict_kind::partial) way.partial = looks_.result_of(order, answer, meaning, when.at);
  looks_.note(order, way.stand_in, answer, meaning, when.at, moment);
  auto const policy = looks_.policy_for(order.key, meaning, moment);
  if (way.leads && meaning.is == verdict_kind::not_ready)
    state_next_look(answer, std::chrono::ceil<std::chrono::seconds>(policy.not_ready_for));
  way.hops.enter(hop::store, moment.mono);
  fetch_result result;
  result.answer =
      remember(answer, meaning, moment, policy, at_.config.cache.gzip && order.storable, when.at, at_.config.upstream.answer_fields);
  result.answer.why_not = store(order, meaning.is, when, moment, result.answer);
  bool const has_partial = way.partial || (way.leads && looks_.has_partial(order.key));
  if (way.leads) tier_.note(*way.leads, order, {answer, meaning, result.answer, evidence, when.at, has_partial}, moment.mono);
  result.wakes = woken_by(meaning.is);
  result.is = meaning.is == verdict_kind::throttled ? fetch_result::ending::throttled : fetch_result::ending::answered;
  return result;
}

// What becomes of an answer in the cache, and of what was stored before it. The reason, if it is not stored.
std::optional<not_stored> fetch_runner::store(const fetch_order& order, verdict_kind meant, const authorized_cache::asked& when,
                                              const instant& now, const remembered& answer) {
  auto why_not = answer.why_not;
  if (!order.storable && !why_not) why_not = not_stored::client_forbids;
  if (!why_not) why_not = parts_.visible.insert(order.key, answer.made, when, now);
  if (!why_not) return std::nullopt;
  note_not_stored(order, *why_not);
  if (meant == verdict_kind::throttled) {
    parts_.visible.note_failure(order.key, order.state, now.mono);
    return why_not;
  }
  parts_.visible.note_answer(order.key, {*answer.made, order.state, !is_no_version(*why_not)}, now.mono);
  if (meant != verdict_kind::found) return why_not;
  // A summary that was given and is not stored: no older one may be given after it, were it stored or under way.
  if (*why_not == not_stored::client_forbids || outdates(*why_not)) parts_.visible.note_newer(order.key, when);
  if (outdates(*why_not)) parts_.visible.withdraw(order.key, when.subject);
  return why_not;
}

// What other policies could have made of it, for core/shadow.
void fetch_runner::show(const fetch_order& order, const fetch_result& result, const course& way) const {
  shadow_feed::fetched_answer what;
  auto const& made = result.answer.made;
  what.was_called = way.when.at != mono_time{};
  what.is_refusal = made && made->status == 401;
  if (result.has_answer() && result.is_stored()) {
    what.made = made.get();
    bool const is_summary = made->kind == answer_kind::complete;
    if (is_summary) what.place = parts_.visible.partition_for_all(*made, way.when.subject);
    if (is_summary) what.all = parts_.visible.partition_with_grants(*made, way.when.subject);
  }
  parts_.shadow->fetched(order.key, order.state, what, mono_now());
}

void fetch_runner::note_failure(const fetch_order& order, not_stored why_not) {
  note_not_stored(order, why_not);
  parts_.visible.note_failure(order.key, order.state, mono_now());
}

void fetch_runner::note_not_stored(const fetch_order& order, not_stored why_not) {
  at_.counters.not_stored[static_cast<std::size_t>(why_not)].add();
  parts_.cache.note_not_stored(order.key, why_not, mono_now());
}

}  // namespace gateway
