#include "app/ctl/doctor_rounds.hpp"

#include <algorithm>

#include "app/fleet/fleet.hpp"
#include "core/events/event_url.hpp"
#include "core/settings/egress.hpp"
#include "core/settings/token_url.hpp"
#include "core/settings/upstreams.hpp"
#include "core/upstream/content_coding.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/fleet/engine_dialler.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// The check of --credential-file.
constexpr std::string_view own_label = "credential";

// No call has this sid.
call_sid no_call() { return *call_sid::parse("CA" + std::string(32, '0')); }

way_settings named_by(const settings& values, const upstream_settings& of) {
  auto const key = key_of_upstream(values, of);
  auto const dialled = of.connect_to.empty() ? key + "url" : key + "connect_to";
  return {dialled, key + "ca_file", key + "proxy", key + "proxy_credential_file"};
}

std::string label_of(const upstream_settings& of) { return of.name.empty() ? "upstream" : "upstream " + of.name; }

}  // namespace

void doctor_rounds::add_all(std::vector<finding> those) {
  for (auto& one : those) add(std::move(one));
}

task<void> doctor_rounds::run() {
  for (auto const* const one : all_upstreams(values_)) {
    auto examining = examine_upstream(*one);
    co_await std::move(examining);
  }
  if (values_.fleet.is_on()) {
    auto examining = examine_engine();
    co_await std::move(examining);
  }
  if (values_.events.is_on()) {
    auto examining = examine_webhook();
    co_await std::move(examining);
  }
  at_.end_by(mono_now() + std::chrono::seconds{1});
}

task<exchange_result> doctor_rounds::ask(const destination& to, const secret& request) {
  auto const until = deadline();
  auto reaching = reach(at_, to, until);
  auto const found = co_await std::move(reaching);
  exchange_result result;
  result.failed = found.report.failed;
  if (!found.connection) co_return result;
  auto exchanging = exchange_over(*found.connection, request, to.way, until);
  result = co_await std::move(exchanging);
  co_return result;
}

task<exchange_result> doctor_rounds::exchange_over(upstream_connection& open, const secret& request, const upstream_settings& way,
                                                   mono_time until) {
  hop_ledger unused{hop::send, mono_now()};
  exchange_deadline const end{until};
  auto exchanging = open.exchange(request, way, end, nullptr, nullptr, unused);
  exchange_result result = co_await std::move(exchanging);
  co_return result;
}

task<void> doctor_rounds::examine_upstream(const upstream_settings& of) {
  auto const label = label_of(of);
  auto const where = *parse_origin(of.url);  // checked when the settings were read
  auto const credential = read_proxy_credential(of.proxy_credential_file).authorization;
  published_secret const egress{std::make_shared<const secret>(credential)};
  std::shared_ptr<const egress_proxy> through;
  if (!of.proxy.empty()) through = std::make_shared<const egress_proxy>(tunnel_authority(of, where), egress);
  destination const to{where, of, std::make_shared<client_tls>(where, of.ca_file), through};

  auto const until = deadline();
  auto reaching = reach(at_, to, until);
  auto const found = co_await std::move(reaching);
  add_all(judge_way(label, found.report, named_by(values_, of), now().wall));
  bool const is_open = found.connection != nullptr;
  if (is_open) {
    auto const request = live_request(live_question::plain, where.host_field(), no_call(), "");
    auto const sent = now().wall;
    auto exchanging = exchange_over(*found.connection, request, of, until);
    auto const got = co_await std::move(exchanging);
    auto const code = at_.bodies.read_error_code(got.answer.body).value_or(0);
    add(judge_answer_without_credential(label, got.failed, got.answer.status, code, named_by(values_, of).url));
    if (!got.failed) add(judge_clock(label, got.answer.field("date"), sent, now().wall));
  }
  std::size_t asked = 0;
  for (std::size_t i = 0; injecting_ != nullptr && i < injecting_->accounts.size(); ++i) {
    if (injecting_->accounts[i].at != of.name) continue;
    ++asked;
    if (!is_open) {
      add({"account " + injecting_->account_names[i], health::skipped, "there is no connection"});
      continue;
    }
    auto examining = examine_account(of, to, i);
    co_await std::move(examining);
  }
  bool const is_first = of.name.empty();
  if (is_first && !own_.empty() && is_open) {
    auto examining = examine_credential(to, asker{std::string{own_label}, "the file of --credential-file", own_});
    co_await std::move(examining);
  } else if (is_first && asked == 0 && injecting_ == nullptr) {
    add({std::string{own_label}, health::skipped, "clients bring their own; --credential-file FILE tries one"});
  }
}

task<void> doctor_rounds::examine_account(const upstream_settings& of, const destination& to, std::size_t account) {
  auto const& who = injecting_->accounts[account];
  auto const label = "account " + injecting_->account_names[account];
  asker as{label, "its credential_file", who.upstream ? *who.upstream : secret{}};
  if (who.oauth != nullptr) {
    auto fetching = fetch_token(of, account);
    as.credential = co_await std::move(fetching);
    as.file = "its client_secret_file";
  }
  if (as.credential.empty()) {
    add({label, health::skipped, "there is no token"});
    co_return;
  }
  auto examining = examine_credential(to, std::move(as));
  co_await std::move(examining);
}

// "" if there is none; the findings say why.
task<secret> doctor_rounds::fetch_token(const upstream_settings& of, std::size_t account) {
  auto const label = "account " + injecting_->account_names[account];
  auto const& client = *injecting_->accounts[account].oauth;
  auto const url = *token_url::parse(client.token_url);
  auto const named = std::ranges::find(values_.credentials.accounts, injecting_->account_names[account], &account_settings::name);
  auto way = of;
  way.connect_to.clear();
  way.max_body_bytes = max_token_answer;
  auto const credential = read_proxy_credential(of.proxy_credential_file).authorization;
  published_secret const egress{std::make_shared<const secret>(credential)};
  std::shared_ptr<const egress_proxy> through;
  if (!way.proxy.empty()) through = std::make_shared<const egress_proxy>(tunnel_authority(way, url.host), egress);
  destination const to{url.host, way, std::make_shared<client_tls>(url.host, authorities_of(named->oauth, of)), through};
  auto const until = deadline();
  auto reaching = reach(at_, to, until);
  auto const found = co_await std::move(reaching);
  auto const key = key_of_upstream(values_, of);
  way_settings const keys{"token_url", "oauth.ca_file", key + "proxy", key + "proxy_credential_file"};
  add_all(judge_way(label + " token", found.report, keys, now().wall));
  secret token;
  if (!found.connection) co_return token;
  auto const request = compose_token_request(url.host.host_field(), url.path, client.client_id, client.client_secret);
  auto exchanging = exchange_over(*found.connection, request, to.way, until);
  auto got = co_await std::move(exchanging);
  json_reader reader;
  token_answer answer;
  if (got.failed) {
    answer.is = token_result_of(*got.failed);
  } else {
    answer = read_token_answer(got.answer, reader, now().wall);
  }
  wipe(got.answer.body);
  add(judge_token(label, answer.is, answer.error));
  token = answer.authorization;
  co_return token;
}

task<void> doctor_rounds::examine_credential(const destination& to, asker who) {
  auto const call = no_call();
  auto const request = live_request(live_question::plain, to.where.host_field(), call, who.credential.reveal());
  auto asking = ask(to, request);
  auto const got = co_await std::move(asking);
  auto const meaning = judge_answer(got.answer, call, at_.bodies);
  add(judge_credential(who.label, got.failed, got.answer.status, meaning, who.file));
  bool const is_asker = own_.empty() || who.label == own_label;
  if (!live_ || !is_asker || !live_report_.empty() || !proves(evidence_of(got.answer.status, meaning))) co_return;
  auto reporting = ask_about_call(to, who);
  co_await std::move(reporting);
}

task<void> doctor_rounds::ask_about_call(const destination& to, const asker& who) {
  std::array<live_answer, live_questions> answers;
  for (std::size_t i = 0; i < live_questions; ++i) {
    auto const which = static_cast<live_question>(i);
    auto const asked = which == live_question::other_case ? in_other_case(*live_) : *live_;
    auto const request = live_request(which, to.where.host_field(), *live_, who.credential.reveal());
    auto asking = ask(to, request);
    auto got = co_await std::move(asking);
    bool const is_gzip = iequals(got.answer.field("content-encoding"), "gzip");
    decode_content(got.answer, to.way.max_body_bytes);
    answers[i] = note_answer(got.answer, is_gzip, asked, at_.bodies);
    answers[i].failed = got.failed;
    wipe(got.answer.body);
  }
  live_report_ = live_report(answers);
}

task<void> doctor_rounds::examine_engine() {
  engine_dialler dialler{at_, engine_access_of(values_.fleet)};
  auto const until = deadline();
  auto dialling = dialler.open(until);
  auto const found = co_await std::move(dialling);
  add(judge_engine(dialler.address(), found.connection ? "" : found.why_not));
  if (found.connection) {
    std::string command;
    append_command(command, {"INFO", "server"});
    found.connection->set_deadline(until);
    found.connection->post(command);
    engine_reply reply;
    auto waiting = found.connection->next(reply);
    bool const came = co_await std::move(waiting);
    constexpr std::string_view name = "redis_version:";
    auto const at = came ? reply.text.find(name) : std::string::npos;
    std::string version;
    if (at != std::string::npos) version = reply.text.substr(at + name.size(), reply.text.find('\r', at) - at - name.size());
    add_all(judge_engine_kind(found.eviction, version));
    found.connection->close();
  }
  dialler.end();
}

task<void> doctor_rounds::examine_webhook() {
  auto const url = *event_url::parse(values_.events.public_url);  // checked when the settings were read
  auto const where = *parse_origin(url.with_port.substr(0, url.with_port.size() - url.path.size()));
  auto way = values_.upstream;
  way.connect_to.clear();
  way.proxy.clear();  // Twilio does not come through it either
  destination const to{where, way, std::make_shared<client_tls>(where, "system")};
  auto const until = deadline();
  auto reaching = reach(at_, to, until);
  auto const found = co_await std::move(reaching);
  way_settings const keys{"events.public_url", "the authorities of this machine", "", ""};
  add_all(judge_way("events", found.report, keys, now().wall));
  if (!found.connection) co_return;
  std::string text;
  text.append("POST ").append(url.path).append(" HTTP/1.1\r\nHost: ").append(where.host_field());
  text += "\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
  secret const request{text};
  auto exchanging = exchange_over(*found.connection, request, to.way, until);
  auto const got = co_await std::move(exchanging);
  add(judge_webhook(got.failed, got.answer.status, got.answer.field("gateway-fault")));
}

}  // namespace gateway
