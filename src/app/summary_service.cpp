#include "app/summary_service.hpp"

#include "core/cache/freshness.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

using way = cache_status::way;

// A flight ends at its own deadline; its passengers wait a moment longer, to hear how it ended.
constexpr std::chrono::milliseconds grace{500};

// One of the requests that wait for the upstream, over all workers.
class waiting_place {
public:
  explicit waiting_place(std::atomic<std::uint64_t>& count) : count_(count), before_(count.fetch_add(1, std::memory_order_relaxed)) {}
  waiting_place(const waiting_place&) = delete;
  waiting_place& operator=(const waiting_place&) = delete;
  ~waiting_place() { count_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t before() const { return before_; }

private:
  std::atomic<std::uint64_t>& count_;
  std::uint64_t before_;
};

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
    case lookup::purged:
      return way::stale;
    default:
      return way::miss;
  }
}

}  // namespace

std::optional<summary_service::wanted> summary_service::answer_now(const request_head& head, exchange& one, std::string& out) {
  // Is it a request for a summary at all?
  if (head.asterisk_form) return answer_preflight(head, one, out), std::nullopt;
  auto const request = parse_summary_request(head);
  if (!request) return refuse(request.error(), &head, one, out), std::nullopt;
  if (request->method == summary_method::options) return answer_preflight(head, one, out), std::nullopt;
  // Who asks? Before the cache: a hit leaks as much as a miss.
  auto const who = authorize(one.from, head.authorization, access_.current());
  if (!who) return refuse(who.error(), &head, one, out), std::nullopt;
  // May this client ask so often? Before the cache, since this is about abuse and not about the upstream.
  if (auto const retry_in = charge((*who)->asker, one)) return refuse(fault::client_limit, &head, one, out, *retry_in), std::nullopt;
  // Do we know the answer?
  wanted what{*request, cache_key{(*who)->owner, request->call, shared_.table_key}};
  what.storable = !head.wishes.no_store();
  if (answer_from_cache(what, head, one, out)) return std::nullopt;
  if (head.wishes.only_if_cached()) return refuse(fault::not_cached, &head, one, out), std::nullopt;
  return what;
}

void summary_service::answer_preflight(const request_head& head, exchange& one, std::string& out) {
  auto context = one.reply(&head);
  context.allow_origin = allow_origin(shared_.config.cors, head.origin);
  one.record.ended = outcome::bypass;
  one.record.status = append_preflight(out, std::chrono::floor<std::chrono::seconds>(shared_.config.cors.max_age), context);
}

// One token of this client; when there is none, the time until there is.
std::optional<std::chrono::seconds> summary_service::charge(const partition& asker, exchange& one) {
  if (!shared_.clients.is_on()) return std::nullopt;
  auto const decision = shared_.clients.take(one.from, asker, one.now);
  append_rate_limit(one.rate_limit, shared_.clients.rate(), decision);
  if (decision.allowed) return std::nullopt;
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(decision.retry_in));
}

bool summary_service::answer_from_cache(wanted& what, const request_head& head, exchange& one, std::string& out) {
  what.found = lookup::bypass;
  if (what.is_bypass()) return false;
  auto const moment = one.at.date.instant_at(one.now);
  auto const found = shared_.visible.find(what.key, moment);
  auto const decided = decide(found, what.request.state, head.wishes, moment, shared_.config.cache.freshness);
  what.found = decided.is;
  if (!is_answer(decided.is)) return false;
  std::string_view detail;
  if (decided.is == lookup::hit_checked) detail = "recently_revalidated";
  if (decided.is == lookup::stale) {
    detail = found.refresh_failed ? "stale_if_error" : "stale_while_revalidate";
    refresh(what, found.at, head, one);
  }
  give_kept(*found.kept, decided.judged, detail, head, one, out);
  return true;
}

void summary_service::give_kept(const entry& kept, const judgement& judged, std::string_view detail, const request_head& head,
                                exchange& one, std::string& out) {
  auto context = one.reply(&head);
  context.status.how = way::hit;
  context.status.ttl = judged.ttl;
  context.status.detail = detail;
  context.retry_after = retry_after_of(kept, one.now);
  std::string timing;
  if (shared_.config.server_timing) {
    auto so_far = one.record.hops;
    so_far.stop(mono_now());
    timing = server_timing(so_far);
    context.server_timing = timing;
  }
  one.record.ended = hit_outcome(kept.kind, judged.is);
  one.record.status = append_hit(out, kept, judged.age, context);
  if (shared_.config.log.access == access_log::all) one.record.request_id = context.request_id;
}

bool summary_service::stand_in(const wanted& what, const request_head& head, exchange& one, std::string& out) {
  if (!may_stand_in(what.found)) return false;
  // Looked for anew: while the reader waited it may have been erased, revoked, or contradicted.
  auto const moment = one.at.date.instant_at(one.now);
  auto const found = shared_.visible.find(what.key, moment);
  if (!found.kept || found.kept->kind != answer_kind::complete) return false;
  give_kept(*found.kept, judge(*found.kept, moment), "stale_if_error", head, one, out);
  one.record.ended = outcome::stale;
  return true;
}

// One refresh at a time, and not again before the back-off; nobody waits for it.
void summary_service::refresh(const wanted& what, const cache_key& stale, const request_head& head, exchange& one) {
  if (!shared_.cache.claim_refresh(stale, one.now, one.now + shared_.config.cache.refresh_backoff)) return;
  auto plain = what;
  plain.request.state = processing_state::absent;
  plain.storable = true;  // for everybody's sake, whatever this reader wants for itself
  flight_key const key{plain.key, plain.request.state, shared_.cache.generation(), true};
  auto boarding = shared_.flights.board(key);
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
    if (!stand_in(what, head, one, out)) refuse(fault::too_many_waiters, &head, one, out);
    co_return;
  }
  flight_key const key{what.key, question(what.request.state), shared_.cache.generation(), what.storable};
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
    if (!stand_in(what, head, one, out)) refuse(fault::upstream_timeout, &head, one, out);
    co_return;
  }
  if (leads) one.record.hops.adopt(landed->hops);
  deliver(*landed, what, !leads, head, one, out);
}

void summary_service::deliver(const landing& result, const wanted& what, bool collapsed, const request_head& head, exchange& one,
                              std::string& out) {
  one.close = one.close || one.at.draining;
  if ((result.failed || result.throttled) && stand_in(what, head, one, out)) return;
  auto context = one.reply(&head);
  one.record.request_id = context.request_id;
  context.status.how = way_of(what.found);
  context.status.collapsed = collapsed;
  if (result.failed) {
    context.status.detail = name_of(*result.failed);
    context.allow_origin = readable_by(head);
    one.record.fail(*result.failed);
    one.record.status = append_fault(out, *result.failed, result.detail, context);
    return;
  }
  auto const& made = *result.answer.made;
  if (result.from_cache) {
    auto const judged = judge(made, one.at.date.instant_at(one.now));
    give_kept(made, judged, "", head, one, out);
    return;
  }
  if (what.is_bypass()) {
    context.status.detail = "partial";
  } else if (!what.storable) {
    context.status.detail = "no_store";
  }
  one.record.ended = what.is_bypass() ? outcome::bypass : collapsed ? outcome::coalesced : outcome::miss;
  std::string timing;
  if (shared_.config.server_timing && made.status == 200) {
    timing = server_timing(one.record.hops);
    context.server_timing = timing;
  }
  context.retry_after = retry_after_of(made, one.now);
  context.status.forward_status = made.status;
  context.status.stored = result.answer.is_kept();
  one.record.status = append_first(out, made, result.answer.fresh_fields, context);
}

// The page that asked, if there is one and it may read what we say.
std::string_view summary_service::readable_by(const request_head& head) const {
  return head.origin.empty() ? std::string_view{} : allow_origin(shared_.config.cors, head.origin);
}

void summary_service::refuse(fault why, const request_head* head, exchange& one, std::string& out, std::chrono::seconds retry_after) {
  one.record.fail(why);
  one.close = one.close || ends_connection(why) || one.at.draining;
  auto context = one.reply(head);
  if (head != nullptr) context.allow_origin = readable_by(*head);
  one.record.request_id = context.request_id;
  context.status.detail = name_of(why);
  fault_detail detail;
  if (one.record.ended == outcome::shed) detail.retry_after = retry_after;
  one.record.status = append_fault(out, why, detail, context);
}

void summary_service::account(worker& at, const request_record& record) {
  gateway::account(at.counters, record);
  auto const& log = shared_.config.log;
  bool const noteworthy = record.status >= 500 || record.ended == outcome::shed || record.hops.total() >= log.slow_after;
  if (log.access == access_log::all || (log.access == access_log::errors_and_slow && noteworthy))
    log_access_line(access_line(record, now().wall));
}

}  // namespace gateway
