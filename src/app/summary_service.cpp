#include "app/summary_service.hpp"

#include "app/waiting.hpp"
#include "core/cache/freshness.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

using way = cache_status::way;

// A flight ends at its own deadline; its passengers wait a moment longer, to hear how it ended.
constexpr std::chrono::milliseconds grace{500};

outcome hit_outcome(answer_kind kind, freshness state) {
  if (kind != answer_kind::complete) return outcome::negative_hit;
  return state == freshness::stale ? outcome::stale : outcome::hit;
}

}  // namespace

std::optional<summary_service::wanted> summary_service::answer_now(const route& where, const request_head& head, exchange& one,
                                                                   std::string& out) {
  // Is it a request for a summary at all?
  auto const request = parse_summary_request(where, head);
  if (!request) return desk_.refuse(request.error(), &head, one, out), std::nullopt;
  if (request->method == summary_method::options) return desk_.answer_preflight(head, one, out), std::nullopt;
  // Who asks, and may they so often? Before the cache: a hit leaks as much as a miss, and this is about abuse, not about the upstream.
  auto const* const who = desk_.admit(head, one, out);
  if (who == nullptr) return std::nullopt;
  // Do we know the answer?
  wanted what{*request, cache_key{who->owner, request->call, shared_.table_key}};
  if (!what.is_bypass() && answer_from_cache(what, head, one, out)) return std::nullopt;
  return what;
}

bool summary_service::answer_from_cache(const wanted& what, const request_head& head, exchange& one, std::string& out) {
  auto const& policy = shared_.config.cache.freshness;
  auto const found = shared_.visible.find(what.key, one.now);
  if (!found.kept || !answers(found.kept->kind, what.request.state, policy)) return false;
  auto const judged = judge(*found.kept, one.now);
  if (judged.is == freshness::gone) return false;

  auto context = one.reply(&head);
  context.status.how = way::hit;
  context.status.ttl = judged.ttl;
  if (judged.is == freshness::stale) {
    context.status.detail = found.refresh_failed ? "stale_if_error" : "stale_while_revalidate";
    refresh(what, found.at, head, one);
  }
  std::string timing;
  if (shared_.config.server_timing) {
    auto so_far = one.record.hops;
    so_far.stop(mono_now());
    timing = server_timing(so_far);
    context.server_timing = timing;
  }
  one.record.ended = hit_outcome(found.kept->kind, judged.is);
  one.record.status = append_hit(out, *found.kept, judged.age, context);
  if (shared_.config.log.access == access_log::all) one.record.request_id = context.request_id;
  return true;
}

// One refresh at a time, and not again before the back-off; nobody waits for it.
void summary_service::refresh(const wanted& what, const cache_key& stale, const request_head& head, exchange& one) {
  if (!shared_.cache.claim_refresh(stale, one.now, one.now + shared_.config.cache.refresh_backoff)) return;
  auto plain = what;
  plain.request.state = processing_state::absent;
  auto boarding = shared_.flights.board({plain.key, plain.request.state, shared_.cache.generation()});
  if (!boarding.lead) return;
  auto with = upstream_authorization(one.from, head.authorization);
  at_.start_task("refresh", fly(std::move(*boarding.lead), plain, std::move(with), purpose::refresh, one.now));
}

task<void> summary_service::answer_later(wanted what, const request_head& head, exchange& one, std::string& out) {
  // Earlier answers may have taken their time to be written: ours begins now.
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::flight_wait, one.now);
  waiting_place const place{shared_.waiting};
  if (place.before() >= shared_.config.limits.max_waiters) {
    desk_.refuse(fault::too_many_waiters, &head, one, out);
    co_return;
  }
  flight_key const key{what.key, question(what.request.state), shared_.cache.generation()};
  auto boarding = what.is_bypass() ? flight_table::board_alone(key) : shared_.flights.board(key);
  bool const leads = boarding.lead.has_value();
  if (leads) {
    auto with = upstream_authorization(one.from, head.authorization);
    at_.start_task("flight", fly(std::move(*boarding.lead), what, std::move(with), purpose::answer, one.now));
  }

  auto const deadline = std::min(one.deadline, one.now + shared_.config.upstream.timeout + grace);
  auto const landed = co_await boarding.joined->wait(at_.get_executor(), deadline);
  one.now = mono_now();
  one.record.hops.enter(hop::lookup, one.now);
  if (!landed) {
    desk_.refuse(fault::upstream_timeout, &head, one, out);
    co_return;
  }
  if (leads) one.record.hops.adopt(landed->hops);
  deliver(*landed, what, !leads, head, one, out);
}

void summary_service::deliver(const landing& result, const wanted& what, bool collapsed, const request_head& head, exchange& one,
                              std::string& out) {
  one.close = one.close || one.at.draining;
  auto context = one.reply(&head);
  one.record.request_id = context.request_id;
  context.status.how = what.is_bypass() ? way::bypass : way::miss;
  context.status.collapsed = collapsed;
  if (result.failed) {
    context.status.detail = name_of(*result.failed);
    context.allow_origin = desk_.readable_by(head);
    one.record.fail(*result.failed);
    one.record.status = append_fault(out, *result.failed, result.detail, context);
    return;
  }
  if (what.is_bypass()) context.status.detail = "partial";
  one.record.ended = what.is_bypass() ? outcome::bypass : collapsed ? outcome::coalesced : outcome::miss;
  auto const& made = *result.answer.made;
  std::string timing;
  if (shared_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  if (result.from_cache) {
    one.record.ended = hit_outcome(made.kind, freshness::fresh);
    context.status.collapsed = false;
    auto const judged = judge(made, one.now);
    context.status.how = way::hit;
    context.status.ttl = judged.ttl;
    one.record.status = append_hit(out, made, judged.age, context);
    return;
  }
  context.status.forward_status = made.status;
  context.status.stored = result.answer.keep;
  one.record.status = append_first(out, made, result.answer.fresh_fields, context);
}

}  // namespace gateway
