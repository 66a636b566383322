#include "app/request/responder.hpp"

#include "core/cache/shown.hpp"
#include "core/request/cross_site.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

outcome hit_outcome(answer_kind kind, freshness state) {
  if (kind != answer_kind::complete) return outcome::negative_hit;
  return state == freshness::stale ? outcome::stale : outcome::hit;
}

const client_rights* rights_of(const exchange& one) {
  auto const& who = one.from.memo.last();
  return who ? who->rights.get() : nullptr;
}

}  // namespace

void responder::settings_changed() {
  keep_alive_ = keep_alive_fields(at_.config.limits.idle_timeout);
  exposed_too_.clear();
  for (auto const& name : at_.config.upstream.answer_fields) exposed_too_.append(", ").append(name);
}

void responder::give_stored(const entry& stored, const judgement& judged, std::string_view detail, exchange& one) const {
  if (auto const why = refusal_of(stored, rights_of(one))) return refuse(*why, one);  // defence: stored-of-other-account
  auto context = context_of(one);
  context.status.how = cache_status::way::hit;
  context.status.ttl = judged.ttl;
  context.status.detail = one.record.detail = detail;
  context.retry_after = retry_after_of(stored, one.now);
  std::string timing;
  if (at_.config.server_timing) {
    auto so_far = one.record.hops;
    so_far.stop(mono_now());
    timing = server_timing(so_far);
    context.server_timing = timing;
  }
  one.record.ended = hit_outcome(stored.kind, judged.is);
  one.record.status = append_hit(one.out, stored, judged.age, context);
}

void responder::give_fetched(const fetch_result& result, const description& as, exchange& one) const {
  cache_status status;
  if (result.was_asked()) status.how = as.forwarded;
  status.collapsed = as.collapsed;
  if (!result.has_answer()) {
    if (result.was_asked()) status.forward_status = one.record.upstream_status = result.detail.upstream_status;
    return give_fault(result.why, result.detail, status, one);
  }
  auto const& made = *result.answer.made;
  auto const why = as.was_judged ? std::nullopt : refusal_of(made, rights_of(one));
  if (why) return refuse(*why, one);  // defence: fetched-of-other-account
  auto context = context_of(one);
  context.status = status;
  context.status.detail = one.record.detail = as.detail;
  context.status.forward_status = one.record.upstream_status = made.status;
  context.status.stored = result.is_stored();
  if (as.was_write) context.if_none_match = {};
  context.retry_after = retry_after_of(made, one.now);
  std::string timing;
  if (at_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  one.record.ended = as.ended;
  one.record.status = append_first(one.out, made, result.answer.fresh_fields, context);
}

void responder::refuse(fault why, exchange& one, std::chrono::seconds retry_after) const {
  fault_detail detail;
  if (outcome_of(why) == outcome::shed) detail.retry_after = retry_after;
  if (why == fault::route_not_enabled) detail.allowed_by = word_for(one.path.what, one.head->method);
  give_fault(why, detail, {}, one);
}

void responder::refuse(const missing_right& lacks, exchange& one) const {
  fault_detail detail;
  detail.lacks = lacks;
  give_fault(fault::not_permitted, detail, {}, one);
}

void responder::give_fault(fault why, const fault_detail& detail, const cache_status& status, exchange& one) const {
  one.record.fail(why);
  one.close = one.close || ends_connection(why);
  auto context = context_of(one);
  context.status = status;
  context.status.detail = name_of(why);
  context.allow = methods_of(one.path.what);
  one.record.status = append_fault(one.out, why, detail, context);
}

void responder::give_preflight(exchange& one) const {
  auto context = context_of(one);
  if (may_change(*one.head, at_.config.cors)) context.allow = methods_of(one.path.what);
  one.record.ended = outcome::bypass;
  one.record.status = append_preflight(one.out, std::chrono::floor<std::chrono::seconds>(at_.config.cors.max_age), context);
}

void responder::give_health(exchange& one) const {
  auto const method = one.head->method;
  if (method == "OPTIONS") return give_preflight(one);
  if (method != "GET" && method != "HEAD") return refuse(fault::method_not_allowed, one);
  one.record.is_health_check = true;
  one.record.status = append_made(one.out, 200, "text/plain; charset=utf-8", "", "alive\n", context_of(one));
}

reply_context responder::context_of(exchange& one) const {
  auto context = one.reply();
  context.keep_alive = keep_alive_;
  context.lists_origins = lists_origins(at_.config.cors);
  context.exposed_too = exposed_too_;
  bool const by_page = one.head != nullptr && !one.head->origin.empty();
  if (by_page) context.allow_origin = allow_origin(at_.config.cors, one.head->origin);
  return context;
}

}  // namespace gateway
