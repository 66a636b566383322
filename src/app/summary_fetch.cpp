// The second half of summary_service: one fetch from its place among the upstream's exchanges to its landing.
#include "app/summary_service.hpp"
#include "app/waiting.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/request.hpp"
#include "core/upstream/retry_after.hpp"
#include "core/upstream/standing.hpp"
#include "core/upstream/verdict.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
// The fetch itself. It belongs to no client: it ends by its own deadline and lands whatever happens (pilot).
task<void> summary_service::fly(pilot lead, wanted what, secret authorization, purpose why, mono_time started) {
  authorized_cache::asked when{shared_.cache.generation(), {}};
  auto const deadline = started + shared_.config.upstream.timeout;
  auto result = std::make_shared<landing>();
  result->hops = hop_ledger{hop::lookup, mono_now()};
  if (find_filed(what, *result)) {
    lead.land(std::move(result));
    co_return;
  }
  result->hops.enter(hop::budget_wait, mono_now());
  auto place = shared_.slots.try_acquire();
  if (!place && why == purpose::answer) {
    auto const patience = started + queueing_share(shared_.config.upstream.timeout);
    place = co_await shared_.slots.acquire(at_.get_executor(), patience);
  }
  if (place) {
    auto const request = compose_request(upstream_.host_field(), what.request.call, what.request.state, authorization.reveal());
    when.at = mono_now();
    auto got = co_await upstream_.fetch(request, repetition::safe, deadline, result->hops);
    conclude(std::move(got), what, when, *result);
  } else {
    result->detail.retry_after = front_desk::retry_when_busy;
    fail(*result, what, fault::upstream_busy);
  }
  result->hops.stop(mono_now());
  lead.land(std::move(result));
}

// Between a reader's look into the cache and its turn to fly, another flight may have landed and filed the answer.
bool summary_service::find_filed(const wanted& what, landing& result) {
  if (what.is_bypass()) return false;
  auto const moment = mono_now();
  auto const found = shared_.visible.find(what.key, moment);
  if (!found.kept || judge(*found.kept, moment).is != freshness::fresh) return false;
  if (!answers(found.kept->kind, what.request.state, shared_.config.cache.freshness)) return false;
  result.answer.made = found.kept;
  result.from_cache = true;
  result.hops.stop(moment);
  return true;
}

// From what the upstream sent to what readers get: judged, serialised, filed.
void summary_service::conclude(fetched got, const wanted& what, const authorized_cache::asked& when, landing& result) {
  if (got.result.failed) {
    count_exchange(at_, *got.result.failed);
    return fail(result, what, *got.result.failed);
  }
  auto& answer = got.result.answer;
  result.hops.enter(hop::inspect, mono_now());
  auto const meaning = judge_answer(answer, what.request.call, at_.bodies);
  count_exchange(at_, shared_, meaning, answer);
  if (meaning.is == verdict_kind::broken) {
    if (meaning.why == fault::upstream_error) {
      result.detail.upstream_status = answer.status;
      result.detail.upstream_code = meaning.code;
    }
    return fail(result, what, meaning.why);  // the connection is not trusted again
  }
  upstream_.keep(std::move(got.connection));

  auto const moment = now();
  clamp_retry_after(answer, moment.wall, std::chrono::floor<std::chrono::seconds>(shared_.config.upstream.max_retry_after));
  result.hops.enter(hop::store, moment.mono);
  result.answer = remember(answer, meaning, moment, shared_.config.cache.freshness);
  shared_.visible.learn(what.key, standing_of(answer.status, meaning), meaning.account, when, moment.mono);
  if (meaning.is != verdict_kind::found) shared_.visible.note_refresh_failed(what.key);
  if (result.answer.keep) result.answer.keep = shared_.visible.insert(what.key, result.answer.made, when, moment.mono);
}

void summary_service::fail(landing& result, const wanted& what, fault why) {
  result.failed = why;
  shared_.visible.note_refresh_failed(what.key);
}

}  // namespace gateway
