#include "app/request/request_gate.hpp"

#include "core/request/cross_site.hpp"
#include "core/request/route.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

const identity* request_gate::admit(const request_head& head, exchange& one, std::string& out) {
  auto const& rules = access_.current();
  auto const* who = one.from.memo.find(head.authorization, rules.version);
  if (who == nullptr) {  // the clock is not read for those who say the same again
    one.record.hops.enter(hop::authorise, mono_now());
    auto const proved = authorize(one.from, head.authorization, rules);
    one.now = mono_now();
    one.record.hops.enter(hop::lookup, one.now);
    if (!proved) return refuse(proved.error(), &head, one, out), nullptr;
    who = *proved;
  }
  if (auto const retry_in = charge(*who, one)) return refuse(fault::client_limit, &head, one, out, *retry_in), nullptr;
  return who;
}

// One token of this client; when there is none, the time until there is.
std::optional<std::chrono::seconds> request_gate::charge(const identity& who, exchange& one) {
  auto const& limit = clients_.current();
  if (!limit.is_on()) return std::nullopt;
  // In mode inject whoever got so far has proved itself to us, or is a guest of the account.
  auto const is_proved = [&] { return who.upstream != nullptr || shared_.visible.is_proved(who.asker, one.now); };
  auto const decision = limit.take(one.from, who.asker, one.now, is_proved);
  append_rate_limit(one.rate_limit, limit.rate(), decision);
  if (decision.allowed) return std::nullopt;
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(decision.retry_in));
}

void request_gate::answer_preflight(const request_head& head, exchange& one, std::string& out) {
  auto context = one.reply(&head);
  if (may_change(head, at_.config.cors)) context.allow = methods_of(parse_route(head.path).what);
  context.allow_origin = allow_origin(at_.config.cors, head.origin);
  one.record.ended = outcome::bypass;
  one.record.status = append_preflight(out, std::chrono::floor<std::chrono::seconds>(at_.config.cors.max_age), context);
}

std::string_view request_gate::readable_by(const request_head& head) const {
  return head.origin.empty() ? std::string_view{} : allow_origin(at_.config.cors, head.origin);
}

void request_gate::refuse(fault why, const request_head* head, exchange& one, std::string& out, std::chrono::seconds retry_after) {
  one.record.fail(why);
  one.close = one.close || ends_connection(why) || one.is_parting();
  auto context = one.reply(head);
  if (head != nullptr) {
    context.allow = methods_of(parse_route(head->path).what);
    context.allow_origin = readable_by(*head);
  }
  context.status.detail = name_of(why);
  fault_detail detail;
  if (one.record.ended == outcome::shed) detail.retry_after = retry_after;
  one.record.status = append_fault(out, why, detail, context);
}

void request_gate::count_client(exchange& one) {
  auto& from = one.from;
  if (from.known_as.empty()) from.known_as = name_of(from);
  one.at.clients.count(from.known_as, from.counted_at, figures_of(one.record));
}

void request_gate::account(worker& at, const request_record& record) {
  gateway::account(at.counters, record);
  auto const random = [&] { return at.ids.bits(); };
  auto const choice = choice_.choose(record, random);
  bool const traced = at.spans.is_open() && (choice.why || record.trace.sampled);
  if (choice.line == 0 && !choice.why && !traced) return;
  auto const written = at.date.instant_at(record.hops.until()).wall;
  auto told = redacted(record, written, choice.weight, at_.config.log.call_sids, shared_.log_key);
  complete_trace(told.of.trace, random);
  if (choice.why) at.recorder.put(*choice.why, told);
  if (traced && !at.spans.put(told)) at.counters.spans_lost.add();
  told.weight = choice.line;
  if (choice.line > 0 && !at.told.put(told)) at.counters.access_log_dropped.add();
}

}  // namespace gateway
