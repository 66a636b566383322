#include "app/admin/admin_service.hpp"

#include <algorithm>
#include <string_view>

#include "app/admin/erase_order.hpp"
#include "core/base/json_writer.hpp"
#include "core/telemetry/prometheus.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {
namespace {

// How long a purge waits for the disk and for the fleet, and how often it asks.
constexpr std::chrono::seconds longest_settling{2};
constexpr std::chrono::milliseconds poll_interval{2};
constexpr std::string_view plain_text = "text/plain; charset=utf-8";

// How many entries were purged from memory. "pending": some may still be on disk; other gateways may not know of it yet.
std::string purge_body(std::size_t taken, bool is_settled, std::optional<telling> told) {
  std::string body;
  {
    json_object answer_body{body};
    answer_body.number("purged", taken);
    if (!is_settled) answer_body.text("snapshot", "pending");
    if (told) answer_body.text("fleet", *told == telling::done ? "done" : "pending");
  }
  return body;
}

}  // namespace

std::optional<admin_service::pending> admin_service::answer_now(exchange& one) {
  auto made = route(one);
  if (made.purges) purge(*made.purges, one, made);
  if (made.erases) erase(*made.erases, one, made);
  if (made.tests_alert) backend_.test_alert(trace_of(one));
  if (made.pulls) pull(*made.pulls, one, made);
  if (made.names_operator) made.body = operator_body(one);
  if (made.status >= 400) note_refusal(made, one);
  if (made.awaits) return made.awaits;  // defence: purge-waits
  append(made, one);
  return std::nullopt;
}

void admin_service::append(const answer& made, exchange& one) {
  auto const context = one.reply();
  if (made.status == 204) {
    one.record.status = append_no_content(one.out, made.fields, context);
  } else {
    one.record.status = made.file != nullptr ? append_file(one.out, *made.file, made.fields, context)
                                             : append_made(one.out, made.status, made.type, made.fields, made.body, context);
  }
}

// A write to disk or to the fleet's engine takes a millisecond or so. If it takes longer than the deadline, the answer says "pending".
task<void> admin_service::answer_later(pending what, exchange& one) {
  if (what.erasure) {
    auto erasing = answer_erasure(*what.erasure, one);
    co_await std::move(erasing);
    co_return;
  }
  if (!what.purge) {
    auto asker = trace_of(one);
    auto reloading = backend_.reload(std::move(asker));
    auto const result = co_await std::move(reloading);
    append(reloaded(result), one);
    co_return;
  }
  auto const sleeping = std::make_shared<sleeper>(one.at.get_executor());
  auto const deadline = mono_now() + longest_settling;
  while (is_under_way(*what.purge) && mono_now() < deadline) {
    auto const next = mono_now() + poll_interval;
    co_await sleeping->sleep_until(next);
  }
  auto const body = purge_body(what.purge->taken, backend_.is_settled(what.purge->ticket), told(*what.purge));
  auto const context = one.reply();
  one.record.status = append_made(one.out, 200, "application/json", "", body, context);
}

void admin_service::refuse(fault why, exchange& one) { one.record.status = append_fault(one.out, why, {}, one.reply()); }

// Every resource, in the order in which GET /api lists them.
constexpr admin_service::resource admin_service::resources[]{
    {"/", access::page, needed_role::none(), &admin_service::page, "the live dashboard; it asks for the token itself"},
    {"/api", access::reads, admin_role::read, &admin_service::index, "this list"},
    {"/livez", access::open, needed_role::none(), &admin_service::livez, "200 while the process runs"},
    {"/readyz", access::open, needed_role::none(), &admin_service::readyz, "200 while listening and not draining"},
    {"/metrics", access::scraped, admin_role::read, &admin_service::metrics, "Prometheus text, or OpenMetrics if Accept asks for it"},
    {"/api/stats", access::reads, admin_role::read, &admin_service::stats,
     "[?after=N]  what the dashboard draws: all counts, and the last ten minutes (after sample N)"},
    {"/api/explain", access::reads, admin_role::read, &admin_service::explain,
     "?call_sid=CA...[&state=complete|partial|all][&client=NAME]  what is cached of a call, and what its next request would do"},
    {"/api/slow", access::reads, admin_role::read, &admin_service::slow,
     "[?min=50ms][&client=C][&fault=F][&outcome=O][&limit=N]  the last slow, failed, refused and sampled requests, newest first"},
    {"/api/clients", access::reads, admin_role::read, &admin_service::clients,
     "the busiest clients: their requests, errors, upstream calls and wasted polls"},
    {"/api/events", access::reads, admin_role::read, &admin_service::events,
     "[?since=N]  the last 200 entries of the logbook (after number N): circuits, limits, purges, reloads, certificates, ..."},
    {"/api/audit", access::reads, admin_role::read, &admin_service::audit,
     "[?since=N]  the last changes, and attempts at one, of each kind 200 (after number N): who, from where, what, outcome"},
    {"/api/whoami", access::reads, admin_role::read, &admin_service::whoami, "who you are here, and what you may change"},
    {"/api/shadow", access::reads, admin_role::read, &admin_service::shadow,
     "hit ratio and upstream calls, real and estimated for the policies that the setting shadow names"},
    {"/api/config", access::reads, admin_role::read, &admin_service::config,
     "the settings in force; they name files of secrets, and hold none"},
    {"/api/fleet", access::reads, admin_role::read, &admin_service::fleet, "the engine that the gateways of a fleet share, and its state"},
    {"/api/reload", access::changes, admin_role::operate, &admin_service::reload,
     "apply the changed settings and files, as SIGHUP does; all of them or, with every reason, none"},
    {"/api/alert_test", access::changes, admin_role::operate, &admin_service::alert_test,
     "raises the alert SummaryGatewayTest for five minutes, to test the way of alerts to people"},
    {"/api/purge", access::changes, admin_role::purge, &admin_service::purge,
     "?call_sid=CA... | ?account_sid=AC... | ?all=true  the next request asks the upstream first; &hard=true erases at once"},
    {"/api/erase", access::changes, admin_role::purge, &admin_service::erase,
     "the number or SIP address as content: all that is kept about it is erased at once, here and in the fleet"},
    {"/api/erasures", access::reads, admin_role::read, &admin_service::erasures,
     "the records of the last erasures: a keyed hash of the number, when, how many answers, which gateways confirmed"},
    {"/api/pause", access::changes, admin_role::operate, &admin_service::pull<lever_command::pause>,
     "[?for=10m][&upstream=NAME]  nothing is sent to the upstream for so long; what is cached is served"},
    {"/api/resume", access::changes, admin_role::operate, &admin_service::pull<lever_command::resume>, "[?upstream=NAME]  ends that pause"},
    {"/api/limit", access::changes, admin_role::operate, &admin_service::pull<lever_command::limit>,
     "?account=NAME&limit=N|auto[&for=1h]  the account has at most N exchanges at once for so long; auto: as learnt"},
    {"/api/circuit", access::changes, admin_role::operate, &admin_service::pull<lever_command::circuit>,
     "?account=NAME&state=open|close[&for=10m]  open: nothing is sent for the account; close: also as if nothing had failed"},
};

std::span<const admin_service::resource> admin_service::all_resources() {
  static_assert(std::ranges::all_of(resources, [](const resource& one) {
    auto const least = one.is == access::changes ? admin_role::purge : admin_role::read;
    bool const is_open = one.is == access::open || one.is == access::page;
    return is_open ? !one.needs.role : one.needs.role && holds(*one.needs.role, least);
  }));
  return resources;
}

admin_service::answer admin_service::livez(const request_head&) { return {200, plain_text, "alive\n", ""}; }

admin_service::answer admin_service::readyz(const request_head&) {
  return backend_.is_ready() ? answer{200, plain_text, "ready\n", ""} : answer{503, plain_text, "draining\n", ""};
}

admin_service::answer admin_service::metrics(const request_head& head) {
  field_lines accept;
  for_each_field(head.fields, [&](std::string_view name, std::string_view value) {
    if (iequals(name, "accept")) accept.add(value);
    return true;
  });
  bool const open = prefers_openmetrics(accept);
  constexpr std::string_view fields = "Vary: Accept\r\n";
  if (open) return {200, openmetrics_type, openmetrics_text(backend_.metrics_with_exemplars()), fields};
  return {200, prometheus_type, prometheus_text(backend_.metrics()), fields};
}

// It needs no token, because it holds no secrets and is itself the page that asks for the token.
admin_service::answer admin_service::page(const request_head& head) {
  answer made{200, "", "", dashboard::fields};
  made.file = page_.file(head.path);
  return made;
}

admin_service::answer admin_service::stats(const request_head& head) {
  auto const after = read_stats(head.query.value_or(""));
  if (!after) return bad_parameters("Ask for everything, or with after=N for what came after sample N of the history.");
  return {200, "application/json", backend_.stats(*after), ""};
}

admin_service::answer admin_service::explain(const request_head& head) {
  auto const wanted = read_explain(head.query.value_or(""));
  if (!wanted) return bad_parameters("Say which call: call_sid=CA..., and perhaps state=complete, partial or all, or client=NAME.");
  return {200, "application/json", backend_.explain(*wanted), ""};
}

admin_service::answer admin_service::slow(const request_head& head) {
  std::string why_not;
  auto const asked = read_slow(head.query.value_or(""), why_not);
  if (!asked) return bad_parameters(why_not);
  return {200, "application/json", backend_.slow_requests(asked->wanted, asked->limit), ""};
}

admin_service::answer admin_service::clients(const request_head&) {
  return {200, "application/json", R"({"clients":)" + backend_.busiest_clients() + "}", ""};
}

admin_service::answer admin_service::events(const request_head& head) {
  auto const since = read_events(head.query.value_or(""));
  if (!since) return bad_parameters("Ask for all entries, or with since=N for those after number N.");
  return {200, "application/json", backend_.events(*since), ""};
}

admin_service::answer admin_service::audit(const request_head& head) {
  auto const since = read_events(head.query.value_or(""));
  if (!since) return bad_parameters("Ask for all lines, or with since=N for those after number N.");
  return {200, "application/json", backend_.audit(*since), ""};
}

admin_service::answer admin_service::shadow(const request_head&) { return {200, "application/json", backend_.shadow_report(), ""}; }

admin_service::answer admin_service::config(const request_head&) { return {200, "application/json", backend_.settings_report(), ""}; }

admin_service::answer admin_service::fleet(const request_head&) { return {200, "application/json", backend_.fleet_report(), ""}; }

admin_service::answer admin_service::purge(const request_head& head) {
  auto const wanted = read_purge(head.query.value_or(""));
  if (!wanted) return bad_parameters("Say what to purge: call_sid=CA..., account_sid=AC... or all=true; hard=true erases it at once.");
  answer made;
  made.purges = wanted;
  return made;
}

void admin_service::purge(const purge_parameters& wanted, const exchange& one, answer& made) {
  auto const done = backend_.purge(wanted.what, wanted.how, trace_of(one));
  made.body = purge_body(done.taken, true, told(done));
  if (is_under_way(done)) made.awaits.emplace(done);
}

admin_service::answer admin_service::erase(const request_head& head) {
  std::string_view why_not;
  answer made;
  made.erases = read_erase(head.query.has_value(), head.content_coded, head.content, why_not);
  wipe_stack();
  return made.erases ? std::move(made) : bad_parameters(why_not);
}

// The connection ends, because its buffer has held the number.
void admin_service::erase(const secret& party, exchange& one, answer& made) {
  one.close = true;
  auto const number = backend_.erase(party, trace_of(one));
  if (number) {
    made.awaits.emplace(std::nullopt, number);
  } else {
    turn_down(made, "Too many numbers were erased lately. Try again later, or purge everything.", "Gateway-Fault: erasure_refused\r\n");
  }
}

admin_service::answer admin_service::erasures(const request_head&) { return {200, "application/json", backend_.erasures(), ""}; }

std::optional<telling> admin_service::told(const admin_backend::purged& done) const {
  return done.told ? std::optional{backend_.told_state(*done.told)} : std::nullopt;
}

bool admin_service::is_under_way(const admin_backend::purged& done) const {
  return !backend_.is_settled(done.ticket) || told(done) == telling::waiting;
}

template <lever_command Which>
admin_service::answer admin_service::pull(const request_head& head) {
  std::string why_not;
  auto const wanted = read_lever(Which, head.query.value_or(""), why_not);
  if (!wanted) return bad_parameters(why_not);
  answer made;
  made.pulls = wanted;
  return made;
}

void admin_service::pull(const lever_order& what, const exchange& one, answer& made) {
  auto const done = backend_.pull(what, trace_of(one));
  if (!done.problem.empty()) {
    std::string why;
    append_json_escaped(why, done.problem);
    return turn_down(made, why, "Gateway-Fault: lever_refused\r\n");
  }
  json_object answer_body{made.body};
  answer_body.text("lever", name_of(what.what));
  if (!done.account.empty()) answer_body.text("account", done.account);
  answer_body.number(what.sets ? "set" : "lifted", done.changed);
  if (what.sets) answer_body.number("ends_in_s", whole_seconds(what.lasts).count());
}

admin_service::answer admin_service::reload(const request_head&) {
  answer made;
  made.awaits.emplace(std::nullopt);
  return made;
}

admin_service::answer admin_service::alert_test(const request_head&) {
  answer made;
  made.tests_alert = true;
  json_object{made.body}.number("raised_for_s", std::chrono::seconds{admin_backend::alert_test_lasts}.count());
  return made;
}

admin_service::answer admin_service::reloaded(const reload_outcome& result) {
  if (!result.problems.empty()) {
    std::string why = "Nothing was changed:";
    for (auto const& one : result.problems) append_json_escaped(why.append(&one == &result.problems.front() ? " " : "; "), one);
    return refusal(409, 20409, why, "Gateway-Fault: reload_refused\r\n");
  }
  std::string body;
  {
    json_object answer_body{body};
    answer_body.flag("reloaded", true);
    answer_body.begin("changed");
    json_list(body, result.changed, [&](const std::string& key) { body.append("\"").append(key).append("\""); });
  }
  return {200, "application/json", body, ""};
}

}  // namespace gateway
