#include "app/request/request_gate.hpp"

#include "core/request/via.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::minutes line_pause{1};

}  // namespace

bool request_gate::refuses_loop(exchange& one) {
  if (!is_loop(*one.head, parts_.via)) return false;  // defence: via-loop
  if (parts_.loop_line.may_write(one.now, line_pause)) {
    auto const setting = parts_.upstream == nullptr ? "upstream.url" : "the url of the upstream " + parts_.upstream->name;
    log_entry(logbook_kind::loop_refused, {{"proxies", most_proxies}, {"setting", setting}});
  }
  answers_.refuse(fault::loop, one);
  return true;
}

void request_gate::report_wrong_protocol(fault why, exchange& one) {
  bool const came_with_tls = why == fault::tls_on_http;
  if (!came_with_tls && why != fault::http_on_tls) return;
  if (!parts_.protocol_line.may_write(one.now, line_pause)) return;
  log_warning("the client {} speaks {}: check the scheme of its base URL (http or https), and tls of the listener",
              name_of(one.from, naming_).view(), came_with_tls ? "TLS to a listener without tls" : "plain HTTP to a listener with tls");
}

const identity* request_gate::admit(exchange& one) {
  auto const& head = *one.head;
  auto const& rules = access_.current();
  auto const* who = one.from.memo.find(head.authorization, rules.version);
  // defence: jwt-ends-later
  if (who != nullptr && who->proved_until && who->proof_has_ended(at_.date.instant_at(one.now).wall)) who = nullptr;
  if (who == nullptr) {  // the clock is not read for a credential that is repeated
    one.record.hops.enter(hop::authorise, mono_now());
    auto const proved = recognise(one, rules);
    one.now = mono_now();
    one.record.hops.enter(hop::lookup, one.now);
    if (!proved) return answers_.refuse(proved.error(), one), nullptr;
    who = *proved;
    one.from.known_as = name_of(one.from, naming_);
  }
  if (auto const retry_in = charge(*who, one)) return answers_.refuse(fault::client_limit, one, *retry_in), nullptr;
  if (!has_right(*who, one)) return nullptr;  // defence: right-checked
  // Before the lookup: what is stored for such an account must not be shown.
  if (who->upstream != nullptr && parts_.refused.refuses(who->owner, one.path.what, one.now))  // defence: refused-account-asked
    return answers_.refuse(fault::upstream_credential_refused, one), nullptr;
  return who;
}

// The reason of a refused proof is not for the client, whose answer is that of an unknown token.
boost::system::result<const identity*, fault> request_gate::recognise(exchange& one, const access_rules& rules) {
  auto const proved = authorize(one.from, one.head->authorization, rules, parts_.upstream, at_.date.instant_at(one.now).wall);
  auto const refused = std::exchange(one.from.refused, std::nullopt);
  if (!refused) return proved;
  at_.counters.proofs_refused[static_cast<std::size_t>(*refused)].add();
  if (parts_.proof_line.may_write(one.now, line_pause))
    log_warning("what the client {} showed as its proof is refused: {}", name_of(one.from, naming_).view(), name_of(*refused));
  return proved;
}

bool request_gate::has_right(const identity& who, exchange& one) const {
  if (who.rights == nullptr || who.rights->allows(one.path.what, one.head->method)) return true;
  answers_.refuse(who.rights->missing(one.path.what, one.head->method), one);
  return false;
}

bool request_gate::may_still(exchange& one) {
  auto const& rules = access_.current();
  if (!rules.injecting || one.from.memo.judged_by() == rules.version) return true;
  auto const proved = recognise(one, rules);
  if (proved) return has_right(**proved, one);
  answers_.refuse(proved.error(), one);
  return false;
}

// One token of this client; when there is none, the time until there is.
std::optional<std::chrono::seconds> request_gate::charge(const identity& who, exchange& one) {
  auto const& limit = clients_.current();
  if (!limit.is_on()) return std::nullopt;
  // In mode inject a request that gets so far has been authenticated here, or is a guest of the account.
  auto const is_proved = [&] { return who.upstream != nullptr || parts_.visible.is_proved(who.asker, one.now); };
  auto const decision = limit.take(one.from, who.asker, one.now, is_proved);
  append_rate_limit(one.rate_limit, limit.rate(), decision);
  if (decision.allowed) return std::nullopt;
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(decision.retry_in));
}

void request_gate::count_client(exchange& one) const {
  if (one.record.is_health_check) return;
  auto& from = one.from;
  if (from.known_as.empty()) from.known_as = name_of(from, naming_);
  one.record.client = from.known_as;
  one.at.clients.count(from.known_as, from.counted_at, figures_of(one.record));
}

void request_gate::account(worker& at, const request_record& record) {
  if (record.is_health_check) return;
  gateway::account(at.counters, record);
  auto const random = [&] { return at.ids.bits(); };
  auto const choice = sampler_.choose(record, random);
  bool const traced = at.spans.is_open() && ((choice.why && choice.why != noteworthy::refused) || record.trace.sampled);
  if (choice.line == 0 && !choice.why && !traced) return;
  auto const written = at.date.instant_at(record.hops.until()).wall;
  auto logged = redacted(record, written, choice.weight, at_.config.log.call_sids, parts_.log_key);
  complete_trace(logged.of.trace, random);
  if (choice.why) at.recorder.put(*choice.why, logged);
  if (traced && !at.spans.put(logged)) at.counters.spans_lost.add();
  logged.weight = choice.line;
  if (choice.line > 0 && !at.logged.put(logged)) at.counters.access_log_dropped.add();
}

}  // namespace gateway
