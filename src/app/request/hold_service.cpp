#include "app/request/hold_service.hpp"

#include <algorithm>

#include "app/request/quota_desk.hpp"
#include "app/state/find_beside_writes.hpp"
#include "core/request/client_deadline.hpp"
#include "core/request/preferences.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

constexpr std::string_view detail = "held";

}  // namespace

bool hold_service::takes(pending_summary& what, const entry_ref& said, exchange& one) {
  if (said->kind != answer_kind::not_ready || !what.storable || one.is_last()) return false;
  if (what.has_expired(at_.date.instant_at(one.now).wall)) return false;  // defence: expired-token-not-held
  auto const& head = *one.head;
  auto const prefers = preferred_wait(head.prefer);
  if (!prefers) return false;
  auto const grant =
      grant_hold(*prefers, at_.config.polling.max_hold, client_deadline(head.request_timeout), what.asked_at, at_.ids.bits());
  if (!grant || grant->end <= one.now) return false;
  auto const who = requester_of(waiting_, one.from, resource::summary, one.now);
  auto place = parts_.held.take_place(what.key, who.client, at_.config.limits.max_waiters_per_call);
  if (!place) {
    at_.counters.held[static_cast<std::size_t>(hold_result::no_place)].add();
    return false;
  }
  what.not_ready = said.share();
  what.grant = *grant;
  what.place = std::move(place);
  return true;
}

// The frame lives as long as the reader is held, so it holds little.
task<void> hold_service::hold(pending_summary& what, exchange& one) {
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::hold, one.now);
  one.applied_wait = what.grant.wait;
  // A token that has ended gets nothing that other tokens brought.
  auto const rest = what.expires - at_.date.instant_at(one.now).wall;
  auto end = std::min(what.grant.end, one.deadline);
  if (rest < end - one.now) end = one.now + rest;  // defence: hold-ends-with-token
  held_reader me{parts_.held, lane_, what.key, what.state, parts_.cache.generation(what.key.call), end, payer_of(one)};
  if (auto call = me.to_watch())
    watches_.start(std::move(call), principal{one, via_}, requester_of(waiting_, one.from, resource::summary, one.now));
  if (!came_meanwhile(what, one) && !one.reader.has_ended()) {
    one.reader.on_end([&me] { me.timer.cancel(); });  // defence: held-reader-leaves
    co_await me.timer.async_wait(use_op);
    one.reader.on_end(nullptr);
  }
  one.now = mono_now();
  one.record.hops.enter(hop::lookup, one.now);
  auto const& result = me.end();
  bool const may = gate_.may_still(one);  // defence: right-taken-while-held
  auto ended = !may ? hold_result::answered : result ? give(result, what, one) : give_present(what, one);
  if (me.is_released()) ended = hold_result::released;
  if (one.reader.has_ended()) ended = hold_result::left;
  at_.counters.held[static_cast<std::size_t>(ended)].add();
  if (!one.record.why) one.record.ended = outcome::held;
}

// Between the answer that is held back and the reader's place in the list, the complete summary may have come.
bool hold_service::came_meanwhile(const pending_summary& what, const exchange& one) const {
  auto const moment = at_.date.instant_at(one.now);
  auto const found = find_beside_writes(parts_.visible, parts_.writes, what.key, moment);
  auto const decided = decide(found, what.state, {}, moment, at_.config.cache.freshness);
  return is_answer(decided.is) && found.stored->kind == answer_kind::complete;
}

hold_result hold_service::give(const fetch_result_ptr& result, const pending_summary& what, exchange& one) const {
  if (result->is == fetch_result::ending::found) {
    auto const& made = *result->answer.made;
    answers_.give_stored(made, judge(made, at_.date.instant_at(one.now), at_.config.cache.freshness), detail, one);
    return hold_result::answered;
  }
  responder::description as;
  as.forwarded = what.is_bypass() ? cache_status::way::bypass : cache_status::way::miss;
  as.collapsed = true;
  as.detail = detail;
  one.record.why_not_stored = result->answer.why_not;
  answers_.give_fetched(*result, as, one);
  return hold_result::answered;
}

// The latest that is known of the call. What is stored may be newer than the answer that was held back.
hold_result hold_service::give_present(const pending_summary& what, exchange& one) const {
  auto const moment = at_.date.instant_at(one.now);
  auto found = find_beside_writes(parts_.visible, parts_.writes, what.key, moment);
  if (what.has_expired(moment.wall)) found.stored = nullptr;
  auto const decided = decide(found, what.state, {}, moment, at_.config.cache.freshness);
  bool const is_ready = is_answer(decided.is) && found.stored->kind != answer_kind::not_ready;
  bool const is_newer = found.stored && found.stored->kind == answer_kind::not_ready && !found.stored->is_gone(moment);
  auto const& known = is_ready || is_newer ? *found.stored : *what.not_ready;
  answers_.give_stored(known, judge(known, moment, at_.config.cache.freshness), detail, one);
  return is_ready ? hold_result::answered : hold_result::waited;
}

}  // namespace gateway
